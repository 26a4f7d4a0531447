using System.Collections.Concurrent;
using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Fake.Tests.Rest;
using LocalPv.Hosting.Kubernetes;
using Microsoft.FSharp.Core;

namespace LocalPv.Hosting.Tests.Kubernetes;

/// <summary>Whatever bytes come from a server, a proxy or a file: an outcome with a message, never an exception.</summary>
public sealed class GarbledAnswerTests : IDisposable
{
    private const int MessageMost = 5000;

    private static readonly byte[][] Answers =
        [.. RecordedExchange.ReadAll().Where(each => !each.IsWatch).Select(each => Encoding.UTF8.GetBytes(each.Response))];

    private static readonly byte[] Stream = Encoding.UTF8.GetBytes(string.Concat(
        RecordedExchange.ReadAll().Where(each => each.IsWatch).Select(each => each.Response)));

    private static readonly ClusterRequest[] Requests =
    [
        new ClusterRequest.Get(ResourceTypes.PersistentVolumeClaims, new ObjectKey("n", "x")),
        new ClusterRequest.List(ResourceTypes.PersistentVolumeClaims, ObjectSelector.Everything),
        new ClusterRequest.Create(ResourceTypes.PersistentVolumes, "", JsonMap.Empty),
        new ClusterRequest.Delete(ResourceTypes.Pods, new ObjectKey("n", "x")),
    ];

    private static readonly ClusterConnection Connection = new() { Server = new Uri("http://server/"), Source = "test" };

    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-garbled-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Answer_Garbled_IsAnOutcomeWithAMessage() => Many(1000, async random =>
    {
        using var api = Api(random, () => Garble(Answers[random.Next(Answers.Length)], random));
        var outcome = await api.SendAsync(Requests[random.Next(Requests.Length)], CancellationToken.None);
        Assert.True(outcome.IsDone || outcome.Message.Length is > 0 and < MessageMost, $"{outcome.Message.Length} characters");
        Assert.InRange(outcome.RetryAfter ?? TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(10));
    });

    [Fact]
    public void Watch_Garbled_EndsOnceAndNeverThrows() => Many(100, async random =>
    {
        using var api = Api(random, () => Garble(Stream, random));
        var signals = new ConcurrentQueue<WatchSignal>();
        var closed = new TaskCompletionSource();
        using var watch = api.Watch(new WatchRequest(ResourceTypes.PersistentVolumeClaims, ObjectSelector.Everything, "1"), signal =>
        {
            signals.Enqueue(signal);
            if (signal is WatchSignal.Closed)
            {
                closed.TrySetResult();
            }
        });
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.InRange(Assert.Single(signals.OfType<WatchSignal.Closed>()).Message.Length, 1, MessageMost);
    });

    [Fact]
    public void Kubeconfig_Garbled_IsReadOrRefusedByName()
    {
        var file = Path.Combine(_folder, "kubeconfig");
        var whole = Encoding.UTF8.GetBytes(
            """
            apiVersion: v1
            current-context: main
            clusters: [{name: c, cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: aGk=, tls-server-name: x}}]
            contexts:
            - &main
              name: main
              context: {cluster: c, user: u, namespace: mine}
            - <<: *main
              name: other
            users:
            - name: u
              user: {token: abc, client-certificate-data: aGk=, client-key: key.pem, tokenFile: /dev/null}
            """);
        Many(500, random =>
        {
            File.WriteAllBytes(file, Garble(whole, random));
            var loaded = Kubeconfig.Load([file], random.Next(2) == 0 ? null : "other");
            Assert.True(loaded.IsDone || loaded.Message.Contains(file, StringComparison.Ordinal), loaded.Message);
            return Task.CompletedTask;
        });
    }

    private static HttpClusterApi Api(Random random, Func<byte[]> body)
    {
        int[] codes = [200, 200, 200, 201, 400, 404, 409, 410, 422, 429, 500, 503, 299, 302];
        string[] waits = ["", "1", "-5", "99999999999999999999", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"];
        return new HttpClusterApi(Connection, new HttpClient(new Always(() =>
        {
            var code = (HttpStatusCode)codes[random.Next(codes.Length)];
            var response = new HttpResponseMessage(code) { Content = new ByteArrayContent(body()) };
            if (waits[random.Next(waits.Length)] is { Length: > 0 } wait)
            {
                response.Headers.TryAddWithoutValidation("Retry-After", wait);
            }

            return response;
        }))
        { BaseAddress = Connection.Server }, TimeProvider.System);
    }

    private static byte[] Garble(byte[] whole, Random random)
    {
        var bytes = whole.ToList();
        for (var changes = random.Next(4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(80), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(80), bytes.Count - at)));
                    break;
                case 3:
                    bytes[at] = "\"{}[],:-09\0\n &*\\"u8.ToArray()[random.Next(16)];
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(((string[])
                        ["99999999999999999999", "\\ud800", "{\"a\":", "null", "\"code\":99999999999,", "[[[[[[[["])[random.Next(6)]));
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }

    // The same cases in every run: what they find is found by whoever brings it in.
    private static FSharpOption<Replay> Start { get; } =
        FSharpOption<Replay>.Some(new Replay(new Rnd(20261122, 20161123), FSharpOption<int>.None));

    private static void Many(int cases, Func<Random, Task> check) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(Start),
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed => check(new Random(seed))));

    private sealed class Always(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer());
    }
}
