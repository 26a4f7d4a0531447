using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Sim.Tests.Reports;

/// <summary>
/// A real browser without a window, Debian's chromium, driven by its own DevTools protocol: loads a page, runs script in it, clicks, takes
/// pictures. Errors of the page's script are kept.
/// </summary>
internal sealed class Browser : IAsyncDisposable
{
    // Generous: the machine may be busy. A wait ends as soon as what it waits for is there.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private readonly CancellationTokenSource _limit = new(Patience * 2);
    private readonly ClientWebSocket _socket = new();
    private readonly Task<string> _said;
    private int _calls;

    private Browser(Process process, DirectoryInfo profile)
    {
        _process = process;
        _profile = profile;
        _said = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What went wrong in the page's script.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Starts a browser with an empty page.</summary>
    public static async Task<Browser> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("localpv-browser-");
        var start = new ProcessStartInfo("chromium") { RedirectStandardError = true };
        foreach (var argument in new[]
        {
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1600,1000",
            "--remote-debugging-port=0", "--user-data-dir=" + profile.FullName, "about:blank",
        })
        {
            start.ArgumentList.Add(argument);
        }

        var browser = new Browser(
            Process.Start(start) ?? throw new InvalidOperationException("chromium does not start; bash tests/run.sh installs it."),
            profile);
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Loads a page from a file and waits until its script says that it is ready.</summary>
    public async Task OpenAsync(string file)
    {
        await CallAsync("Page.navigate", JsonMap.Of(("url", new Uri(file).AbsoluteUri)));
        var waiting = Stopwatch.StartNew();
        while (await EvaluateAsync("document.readyState === 'complete' && document.body.dataset.ready !== undefined") != "true")
        {
            if (waiting.Elapsed > Patience)
            {
                throw new InvalidOperationException($"{file} is not ready after {Patience}. {string.Join(' ', Errors)}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>What an expression comes to in the page, as text.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var answer = await CallAsync(
            "Runtime.evaluate", JsonMap.Of(("expression", $"String({expression})"), ("awaitPromise", true), ("returnByValue", true)));
        return answer.Map("exceptionDetails") is { } failed
            ? throw new InvalidOperationException($"{expression}: {failed}")
            : answer.Map("result")!.Text("value")!;
    }

    /// <summary>Clicks with the mouse into the middle of what a selector finds, scrolled into sight first.</summary>
    public async Task ClickAsync(string selector)
    {
        var at = (await EvaluateAsync(
            $"(() => {{ const it = document.querySelector({Quoted(selector)}); it.scrollIntoView({{block: 'center'}}); "
            + "const box = it.getBoundingClientRect(); "
            + "return Math.round(box.x + box.width / 2) + ' ' + Math.round(box.y + box.height / 2); })()"))
            .Split(' ').Select(number => (JsonTree)long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        foreach (var type in new[] { "mousePressed", "mouseReleased" })
        {
            await CallAsync(
                "Input.dispatchMouseEvent",
                JsonMap.Of(("type", type), ("x", at[0]), ("y", at[1]), ("button", "left"), ("clickCount", 1)));
        }
    }

    /// <summary>A picture of what a person would see, as PNG.</summary>
    public async Task<byte[]> PictureAsync() =>
        Convert.FromBase64String((await CallAsync("Page.captureScreenshot", JsonMap.Of(("format", "png")))).Text("data")!);

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _limit.Dispose();
        try
        {
            _profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser may still hold a file for a moment; the folder is temporary anyway.
        }
    }

    internal static string Quoted(string text) => new JsonText(text).ToString();

    // The browser writes the port that it chose into its profile; the page is its only target of that type.
    private async Task ConnectAsync()
    {
        var file = Path.Combine(_profile.FullName, "DevToolsActivePort");
        var waiting = Stopwatch.StartNew();
        string[] lines;
        while ((lines = File.Exists(file) ? await File.ReadAllLinesAsync(file) : []).Length < 2)
        {
            if (_process.HasExited || waiting.Elapsed > Patience)
            {
                throw new InvalidOperationException(
                    $"chromium does not listen after {waiting.Elapsed}: {(_process.HasExited ? await _said : "")}");
            }

            await Task.Delay(20);
        }

        using var http = new HttpClient();
        var targets = (JsonList)JsonTree.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{lines[0]}/json/list"), _limit.Token));
        var page = targets.Maps().First(target => target.Text("type") == "page");
        await _socket.ConnectAsync(new Uri(page.Text("webSocketDebuggerUrl")!), _limit.Token);
        await CallAsync("Page.enable", JsonMap.Empty);
        await CallAsync("Runtime.enable", JsonMap.Empty);
    }

    private async Task<JsonMap> CallAsync(string method, JsonMap parameters)
    {
        var id = ++_calls;
        var request = JsonMap.Of(("id", id), ("method", method), ("params", parameters));
        await _socket.SendAsync(request.ToUtf8(), WebSocketMessageType.Text, true, _limit.Token);
        while (true)
        {
            var message = await ReceiveAsync();
            if (message.Text("method") == "Runtime.exceptionThrown")
            {
                Errors.Add(message.ToString());
            }
            else if (message.Number("id") == id)
            {
                return message.Map("result") ?? throw new InvalidOperationException($"{method}: {message}");
            }
        }
    }

    private async Task<JsonMap> ReceiveAsync()
    {
        using var whole = new MemoryStream();
        var buffer = new byte[1 << 16];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(new ArraySegment<byte>(buffer), _limit.Token);
            whole.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return (JsonMap)JsonTree.Parse(Encoding.UTF8.GetString(whole.ToArray()));
    }
}
