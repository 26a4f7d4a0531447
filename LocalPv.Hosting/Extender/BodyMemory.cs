using System.Numerics;

namespace LocalPv.Hosting.Extender;

/// <summary>
/// The memory for large bodies: no more of it than was agreed, whoever asks for it, and who asks for more than is free waits for those that
/// came before. What comes back is kept for the next body of about its size, until the collector wants it. Safe for any thread.
/// </summary>
internal sealed class BodyMemory
{
    // What a call holds besides its body, at most: the places of 100,000 nodes and of their brackets, verdicts, names that had to be
    // copied, a piece of the answer.
    private const long CallBytes = 24 << 20;

    private const int SmallestBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly LinkedList<Wish> _waiting = new();
    private readonly WeakReference<byte[]>?[] _kept = new WeakReference<byte[]>?[32];
    private readonly long _bytesMax;
    private long _free;

    /// <summary>All of it is free.</summary>
    public BodyMemory(long bytesMax)
    {
        _bytesMax = bytesMax;
        _free = bytesMax;
    }

    /// <summary>Memory for a body of <paramref name="size"/> bytes, as soon as there is so much. It is given back once.</summary>
    public async ValueTask<byte[]> RentAsync(int size, CancellationToken cancellationToken)
    {
        var length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, SmallestBytes));
        Wish? wish = null;
        lock (_gate)
        {
            if (_waiting.Count == 0 && Cost(length) <= _free)
            {
                _free -= Cost(length);
            }
            else
            {
                wish = new Wish(Cost(length));
                _waiting.AddLast(wish);
            }
        }

        if (wish is not null)
        {
            var giveUp = cancellationToken.UnsafeRegister((_, token) => GiveUp(wish, token), null);
            await using (giveUp.ConfigureAwait(false))
            {
                await wish.Granted.Task.ConfigureAwait(false);
            }
        }

        lock (_gate)
        {
            ref var kept = ref _kept[BitOperations.Log2((uint)length)];
            if (kept is not null && kept.TryGetTarget(out var used))
            {
                kept = null;
                return used;
            }
        }

        return GC.AllocateUninitializedArray<byte>(length);
    }

    /// <summary>Gives back what was rented.</summary>
    public void Return(byte[] body)
    {
        lock (_gate)
        {
            _kept[BitOperations.Log2((uint)body.Length)] = new WeakReference<byte[]>(body);
            _free += Cost(body.Length);
            Grant();
        }
    }

    // More than there is: all of it.
    private long Cost(int length) => Math.Min(length + CallBytes, _bytesMax);

    private void Grant()
    {
        while (_waiting.First is { } first && first.Value.Bytes <= _free)
        {
            _free -= first.Value.Bytes;
            _waiting.RemoveFirst();
            first.Value.Granted.SetResult();
        }
    }

    private void GiveUp(Wish wish, CancellationToken token)
    {
        lock (_gate)
        {
            // Where it was granted just now, it is used.
            if (_waiting.Remove(wish))
            {
                wish.Granted.SetCanceled(token);
                Grant();
            }
        }
    }

    private sealed class Wish(long bytes)
    {
        public long Bytes { get; } = bytes;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
