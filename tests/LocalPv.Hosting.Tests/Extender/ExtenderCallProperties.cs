using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using LocalPv.Hosting.Extender;

namespace LocalPv.Hosting.Tests.Extender;

/// <summary>The fast reader sees in every request what a plain JSON parser sees.</summary>
public sealed class ExtenderCallProperties
{
    private static readonly string[] Decoys =
    [
        """{"metadata":{"name":"decoy"}}""", "\"}]{[\\\"\"", "\"\\\\\"", "\"metadata\"", "[{\"name\":\"x\"},[[]],{}]",
        "-1.5e+3", "true", "null", """{"a":{"b":{"c":{"d":"\\\\\\\"}"}}}}""", "\"ünïcödé \\u0022 {\"",
    ];

    [Fact]
    public void Read_AnyOrderCaseSpacesEscapesAndPieces_SeesWhatAParserSees() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var random = new Random(seed);
            var text = Encoding.UTF8.GetBytes(Request(random));
            var call = new ExtenderCall();
            call.Read(text, Scan(text, random));
            using var plain = JsonDocument.Parse(text);
            var (whole, names, items) = Plain(plain.RootElement);
            Assert.Equal(whole, call.HasWholeNodes);
            Assert.Equal(names, NamesOf(call, text));
            Assert.Equal(items, call.Items.ToArray().Select(item => Encoding.UTF8.GetString(text, item.Start, item.Length)));
            Assert.Equal("p{od", call.Pod.Name);
            Assert.Equal(["a\"b", "p{od-scratch"], call.Pod.ClaimNames.AsEnumerable());
        }));

    [Fact]
    public void Read_CutAnywhereOrDamaged_IsMalformedOrUnderstood() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var random = new Random(seed);
            var text = Encoding.UTF8.GetBytes(Request(random));
            if (random.Next(2) == 0)
            {
                text = text[..random.Next(text.Length)];
            }
            else
            {
                text[random.Next(text.Length)] = (byte)random.Next(256);
            }

            try
            {
                var call = new ExtenderCall();
                call.Read(text, Scan(text, random));
                Assert.Equal(call.Count, call.Items.Length);
            }
            catch (Exception error) when (error is MalformedRequestException or JsonException or InvalidOperationException)
            {
                // That is what it should say; anything else is a bug, and reading on would be one.
            }
        }));

    private static BracketScanner Scan(byte[] text, Random random)
    {
        var scanner = new BracketScanner();
        for (var length = 0; length < text.Length;)
        {
            length = Math.Min(text.Length, length + random.Next(1, 200));
            scanner.Advance(text.AsSpan(0, length), length == text.Length);
        }

        return scanner;
    }

    private static List<string> NamesOf(ExtenderCall call, byte[] text)
    {
        var names = call.Names(text);
        var list = new List<string>();
        for (var i = 0; i < names.Count; i++)
        {
            list.Add(Encoding.UTF8.GetString(names[i]));
        }

        return list;
    }

    private static (bool Whole, List<string> Names, List<string> Items) Plain(JsonElement request)
    {
        JsonElement Member(JsonElement of, string key) =>
            of.EnumerateObject().Last(member => string.Equals(member.Name, key, StringComparison.OrdinalIgnoreCase)).Value;
        var names = Member(request, "NodeNames");
        var whole = names.ValueKind == JsonValueKind.Null;
        JsonElement[] items = whole
            ? [.. Member(Member(request, "Nodes"), "items").EnumerateArray()]
            : [.. names.EnumerateArray()];
        return (
            whole,
            [.. items.Select(item => (whole ? item.GetProperty("metadata").GetProperty("name") : item).GetString()!)],
            [.. items.Select(item => item.GetRawText())]);
    }

    private static string Request(Random random)
    {
        var whole = random.Next(2) == 0;
        var count = random.Next(6);
        var pod = Members(
            random,
            ("metadata", Members(random, ("name", "\"p{od\""), ("namespace", "\"d\""), ("labels", Decoy(random)))),
            ("spec", Members(random, ("containers", Decoy(random)), ("volumes", List(
                random,
                Members(random, ("name", "\"x\""), ("persistentVolumeClaim", Members(random, ("claimName", "\"a\\\"b\"")))),
                Members(random, ("name", "\"scratch\""), ("ephemeral", Members(random, ("volumeClaimTemplate", "{}")))),
                Members(random, ("name", "\"config\""), ("configMap", Decoy(random))))))));
        var nodes = Members(
            random,
            ("metadata", "{}"),
            (Cased(random, "items"), List(random, [.. Enumerable.Range(0, count).Select(_ => Node(random))])));
        var names = List(random, [.. Enumerable.Range(0, count).Select(_ => Name(random))]);
        return Space(random) + Members(
            random,
            (Cased(random, "Pod"), pod),
            (Cased(random, "Nodes"), whole ? nodes : "null"),
            (Cased(random, "NodeNames"), whole ? "null" : names),
            ("Unknown", Decoy(random))) + Space(random);
    }

    private static string Node(Random random) => random.Next(2) == 0
        ? $$$"""{"metadata":{"name":{{{Name(random)}}},"uid":"u"},"spec":{{{Decoy(random)}}}}"""
        : Members(
            random,
            ("metadata", Members(random, ("labels", Decoy(random)), ("name", Name(random)), ("annotations", Decoy(random)))),
            ("spec", Decoy(random)),
            ("status", Members(random, ("metadata", Decoy(random)))));

    private static string Name(Random random) => random.Next(5) switch
    {
        0 => "\"w\\u006frker-" + random.Next(100) + "\"",
        1 => "\"" + new string('n', random.Next(1, 130)) + "\"",
        _ => "\"worker-" + random.Next(100) + ".example.com\"",
    };

    private static string Decoy(Random random) => Decoys[random.Next(Decoys.Length)];

    private static string Cased(Random random, string key) =>
        random.Next(3) switch { 0 => key.ToUpperInvariant(), 1 => key.ToLowerInvariant(), _ => key };

    private static string Space(Random random) => random.Next(3) == 0 ? new string(" \n\t\r"[random.Next(4)], random.Next(1, 70)) : "";

    private static string Members(Random random, params (string Key, string Value)[] members)
    {
        random.Shuffle(members);
        return "{" + string.Join(',', members.Select(member =>
            $"{Space(random)}\"{member.Key}\"{Space(random)}:{Space(random)}{member.Value}{Space(random)}")) + "}";
    }

    private static string List(Random random, params string[] items) =>
        "[" + string.Join(',', items.Select(item => Space(random) + item + Space(random))) + Space(random) + "]";
}
