namespace LocalPv.RealLvm.Tests.Sick;

/// <summary>The node that one sickness after another befalls. After a test that did not heal it the next one gets a new node.</summary>
public sealed class SickNodes : IAsyncLifetime
{
    private SickNode? _node;
    private bool _isWell;

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>A node that is well.</summary>
    internal async Task<SickNode> TakeAsync()
    {
        if (!_isWell)
        {
            await DisposeAsync();
            _node = await SickNode.StartAsync(SickNodeParts.Switchable);
        }

        _isWell = false;
        _node!.Begin();
        return _node;
    }

    /// <summary>The node is as it was when it was taken.</summary>
    internal void GiveBack() => _isWell = true;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }
}
