using System.Text;
using BenchmarkDotNet.Attributes;
using LocalPv.Core.Placement;
using LocalPv.Hosting.Extender;

namespace LocalPv.Benchmarks.Extender;

/// <summary>
/// What the extender does for one Pod: finds the nodes by their names, judges each, notes the offer; then scores. Alone, and with
/// reading the request and writing the answer. The baseline copies the request's bytes once.
/// </summary>
[MemoryDiagnoser]
[Config(typeof(ShortRun))]
public class DecisionBenchmarks
{
    private readonly AnswerBuffer _answer = new();
    private readonly BracketScanner _scanner = new();
    private readonly ExtenderCall _call = new();
    private readonly ReasonTexts _reasons = new();
    private ExtenderCluster _cluster = null!;
    private byte[] _request = [];
    private byte[] _copy = [];
    private byte[] _text = [];
    private TextPart[] _parts = [];
    private NodeVerdict[] _verdicts = [];
    private byte[] _scores = [];

    /// <summary>How many nodes the scheduler asks about.</summary>
    [Params(100, 1000, 5000)]
    public int Nodes { get; set; }

    /// <summary>How many claims the Pod has.</summary>
    [Params(1, 3)]
    public int Claims { get; set; }

    /// <summary>Makes the cluster and the request.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _cluster = new ExtenderCluster(Nodes, Claims);
        _request = _cluster.NamesRequest();
        _copy = new byte[_request.Length];
        _text = Encoding.UTF8.GetBytes(string.Concat(_cluster.Names));
        _parts = new TextPart[Nodes];
        var start = 0;
        for (var i = 0; i < Nodes; i++)
        {
            _parts[i] = new TextPart(start, _cluster.Names[i].Length);
            start += _cluster.Names[i].Length;
        }

        _verdicts = new NodeVerdict[Nodes];
        _scores = new byte[Nodes];
        if (Filter() != Nodes / 10)
        {
            throw new InvalidOperationException("The filter does not reject every tenth node.");
        }
    }

    /// <summary>The baseline.</summary>
    [Benchmark(Baseline = true)]
    public void CopyRequest() => _request.CopyTo(_copy, 0);

    /// <summary>The decision alone; answers how many nodes were rejected.</summary>
    [Benchmark]
    public int Filter() =>
        _cluster.Agent.Judge(ExtenderCluster.Now, _cluster.Pod, new NodeNames(_text, _parts), _verdicts).Rejected;

    /// <summary>Both decisions of one scheduling cycle.</summary>
    [Benchmark]
    public int FilterAndScore()
    {
        var rejected = Filter();
        _cluster.Agent.Rate(ExtenderCluster.Now, _cluster.Pod, new NodeNames(_text, _parts), _scores);
        return rejected;
    }

    /// <summary>Both with the JSON of their requests and answers.</summary>
    [Benchmark]
    public int FilterAndScoreWithJson()
    {
        Read();
        var judgement = _cluster.Agent.Judge(ExtenderCluster.Now, _call.Pod, _call.Names(_request), _verdicts);
        _answer.Clear(1 << 20);
        ExtenderAnswerWriter.WriteFilterHead(_answer, _call.HasWholeNodes);
        var next = 0;
        while (ExtenderAnswerWriter.TryNextPassed(_call.Items, _verdicts, ref next, out var passed))
        {
            _answer.Add(_request.AsSpan(passed.Start, passed.Length));
        }

        ExtenderAnswerWriter.WriteFilterMiddle(_answer, _call.HasWholeNodes);
        var (from, first) = (0, true);
        ExtenderAnswerWriter.WriteRejected(
            _answer, int.MaxValue, _request, _call, judgement, _verdicts, _reasons, ref from, ref first);
        ExtenderAnswerWriter.WriteFilterTail(_answer, judgement);
        Read();
        _cluster.Agent.Rate(ExtenderCluster.Now, _call.Pod, _call.Names(_request), _scores);
        _answer.Clear(1 << 20);
        ExtenderAnswerWriter.WriteScores(_answer, 1 << 20, _request, _call, _scores, 0);
        return _answer.Length;
    }

    private void Read()
    {
        _reasons.Clear();
        _scanner.Reset();
        _scanner.Advance(_request, last: true);
        _call.Read(_request, _scanner);
    }
}
