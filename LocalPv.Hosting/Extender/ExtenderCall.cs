using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LocalPv.Core.Placement;

namespace LocalPv.Hosting.Extender;

/// <summary>
/// What kube-scheduler asks (<c>ExtenderArgs</c>), as places in the request's own bytes, so that the answer can repeat them: the Pod,
/// and the nodes either by name or whole. Keys may have any case and order. Used again for the next call.
/// </summary>
internal sealed class ExtenderCall
{
    /// <summary>How many nodes a request may have: more than any cluster (65,000), so that what is noted of them is bounded.</summary>
    public const int NodesMax = 100_000;

    // The name of an object: a DNS subdomain. As it stands in a request, each character may be an escape of six.
    private const int NameBytesMax = 253;
    private const int EscapedNameBytesMax = 6 * NameBytesMax;

    // Those of 16,000 nodes: who had more gives the memory back.
    private const int PartsKept = 16 << 10;

    private static readonly byte[] UsualNode = "{\"metadata\":{\"name\":\""u8.ToArray();

    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Select(one => (byte)one)]);

    private readonly List<TextPart> _names = [];
    private readonly List<TextPart> _items = [];
    private readonly ScratchText _scratch = new();

    /// <summary>The Pod.</summary>
    public PodToPlace Pod { get; private set; } = new("", "", "", []);

    /// <summary>Whether the nodes came whole (<c>nodeCacheCapable: false</c>).</summary>
    public bool HasWholeNodes { get; private set; }

    /// <summary>How many nodes there are.</summary>
    public int Count => _names.Count;

    /// <summary>Where each node lies in the request as JSON: a string with its quotes, or a whole node.</summary>
    public ReadOnlySpan<TextPart> Items => CollectionsMarshal.AsSpan(_items);

    /// <summary>The names; where one is written with escapes, they are gone.</summary>
    public NodeNames Names(ReadOnlySpan<byte> text) =>
        new(_scratch.IsEmpty ? text : _scratch.Text, CollectionsMarshal.AsSpan(_names));

    /// <summary>What to throw where there are more nodes than that.</summary>
    public static RequestTooLargeException TooManyNodes() => new($"The request has more than {NodesMax} nodes.");

    /// <summary>Forgets the request, and what memory an unusual one took.</summary>
    public void Clear()
    {
        Clear(_names);
        Clear(_items);
        _scratch.Clear();
    }

    /// <summary>
    /// Reads a request; throws <see cref="MalformedRequestException"/>, <see cref="RequestTooLargeException"/> or
    /// <see cref="JsonException"/>.
    /// </summary>
    public void Read(ReadOnlySpan<byte> text, BracketScanner scanner)
    {
        Clear();
        if (!scanner.IsBalanced)
        {
            throw new MalformedRequestException("The request ends inside an object, a list or a string.");
        }

        var request = new RequestText(text, scanner.Brackets);
        Range? pod = null, nodes = null, names = null;
        request.Open('{');
        var first = true;
        while (!request.TryClose('}'))
        {
            Separate(ref request, ref first);
            var key = request.Key();
            Range? value = request.TryNull() ? null : request.Value();
            pod = key == "pod" ? value : pod;
            nodes = key == "nodes" ? value : nodes;
            names = key == "nodenames" ? value : names;
        }

        request.ExpectEnd();
        if (pod is not { } podRange || text[podRange][0] != '{')
        {
            throw new MalformedRequestException("The request has no Pod.");
        }

        Pod = PodReader.Read(text[podRange]);
        if (names is { } namesRange)
        {
            HasWholeNodes = false;
            ReadNames(text, At(text, scanner, namesRange), namesRange);
            RefuseUnsound(text, namesRange);
        }
        else if (nodes is { } nodesRange)
        {
            HasWholeNodes = true;
            ReadNodes(text, At(text, scanner, nodesRange));
        }
        else
        {
            throw new MalformedRequestException("The request has neither Nodes nor NodeNames.");
        }
    }

    private static void Clear(List<TextPart> parts)
    {
        parts.Clear();
        parts.Capacity = parts.Capacity > PartsKept ? 0 : parts.Capacity;
    }

    private static RequestText At(ReadOnlySpan<byte> text, BracketScanner scanner, Range range)
    {
        var request = new RequestText(text, scanner.Brackets);
        request.MoveTo(range.Start.Value);
        return request;
    }

    private void ReadNames(ReadOnlySpan<byte> text, RequestText request, Range range)
    {
        request.Open('[');
        var end = range.End.Value - 1;
        var first = true;
        while (!request.TryClose(']'))
        {
            Separate(ref request, ref first);
            request.Peek();
            if (ReadUsualNames(text[..end], request.At) is var at && at > request.At && text[at - 1] != ',')
            {
                request.MoveTo(at);
                continue;
            }

            request.MoveTo(at);
            var (start, size, escaped) = request.String();
            RefuseLongName(size, escaped);
            Add(text, escaped ? Encoding.UTF8.GetBytes(request.Unescape(start, size)) : null, start, size, at, size + 2);
        }
    }

    // Reads names in the usual form, without escapes and separated by nothing but a comma; where they end. After a comma, a name in
    // another form follows.
    private int ReadUsualNames(ReadOnlySpan<byte> text, int at)
    {
        while (_scratch.IsEmpty && at < text.Length && text[at] == '"'
            && text[(at + 1)..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and <= NameBytesMax and var length && text[at + 1 + length] == '"'
            && _names.Count < NodesMax)
        {
            _names.Add(new TextPart(at + 1, length));
            _items.Add(new TextPart(at, length + 2));
            at += length + 2;
            if (at + 1 >= text.Length || text[at] != ',' || text[at + 1] != '"')
            {
                return at;
            }

            at++;
        }

        return at;
    }

    private void ReadNodes(ReadOnlySpan<byte> text, RequestText request)
    {
        if (request.Peek() != '{')
        {
            throw request.Unexpected("a list of nodes");
        }

        request.Open('{');
        var first = true;
        var itemsAt = -1;
        while (!request.TryClose('}'))
        {
            Separate(ref request, ref first);
            var key = request.Key();
            var at = request.At;
            var isNull = request.TryNull();
            if (!isNull)
            {
                request.Value();
            }

            itemsAt = key == "items" ? isNull ? -1 : at : itemsAt;
        }

        if (itemsAt >= 0)
        {
            request.MoveTo(itemsAt);
            ReadItems(text, ref request);
        }
    }

    private void ReadItems(ReadOnlySpan<byte> text, ref RequestText request)
    {
        request.Open('[');
        var first = true;
        while (!request.TryClose(']'))
        {
            Separate(ref request, ref first);
            if (request.Peek() != '{')
            {
                throw request.Unexpected("a node");
            }

            var range = request.Value();
            var (start, size) = (range.Start.Value, range.End.Value - range.Start.Value);
            var node = text.Slice(start, size);
            if (node.StartsWith(UsualNode)
                && node[UsualNode.Length..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and <= NameBytesMax and var length
                && node[UsualNode.Length + length] == '"'
                && !node.Slice(UsualNode.Length, length).ContainsAny(Controls)
                && Utf8.IsValid(node.Slice(UsualNode.Length, length)))
            {
                Add(text, null, start + UsualNode.Length, length, start, size);
            }
            else
            {
                Add(text, Encoding.UTF8.GetBytes(NodeNameReader.Read(node)), 0, 0, start, size);
            }
        }
    }

    // JSON has no control characters within strings and nothing but UTF-8; names go back as they came, so that the answer has none either.
    private void RefuseUnsound(ReadOnlySpan<byte> text, Range range)
    {
        if (!Utf8.IsValid(text[range]))
        {
            throw new MalformedRequestException("The names of the nodes are not UTF-8.");
        }

        if (!text[range].ContainsAny(Controls))
        {
            return;
        }

        // Between the names there may be breaks and tabs.
        foreach (var item in Items)
        {
            if (text.Slice(item.Start, item.Length).ContainsAny(Controls))
            {
                throw new MalformedRequestException("The name of a node has a control character in it.");
            }
        }
    }

    /// <summary>Refuses a name that no object can have, before memory is spent on it.</summary>
    public static void RefuseLongName(int bytes, bool escaped)
    {
        if (bytes > (escaped ? EscapedNameBytesMax : NameBytesMax))
        {
            throw new MalformedRequestException($"A name in it has {bytes} bytes; an object's name has at most {NameBytesMax}.");
        }
    }

    // A name that does not lie in the request as it is gets a place in a copy, and from then on all names have theirs there.
    private void Add(ReadOnlySpan<byte> text, byte[]? name, int start, int length, int itemStart, int itemLength)
    {
        if (_names.Count == NodesMax)
        {
            throw TooManyNodes();
        }

        if (name is not null && _scratch.IsEmpty)
        {
            _scratch.MoveHere(text, CollectionsMarshal.AsSpan(_names));
        }

        _names.Add(name is not null ? _scratch.Append(name)
            : _scratch.IsEmpty ? new TextPart(start, length)
            : _scratch.Append(text.Slice(start, length)));
        _items.Add(new TextPart(itemStart, itemLength));
    }

    private static void Separate(ref RequestText request, ref bool first)
    {
        if (!first)
        {
            request.Expect(',');
        }

        first = false;
    }

    /// <summary>Names that do not lie in the request.</summary>
    private sealed class ScratchText
    {
        // kube-scheduler writes names so that none is copied.
        private const int BytesMax = 8 << 20;
        private const int BytesKept = 1 << 20;

        private byte[] _text = [];
        private int _length;

        public bool IsEmpty { get; private set; } = true;

        public ReadOnlySpan<byte> Text => _text.AsSpan(0, _length);

        public void Clear()
        {
            _length = 0;
            IsEmpty = true;
            _text = _text.Length > BytesKept ? [] : _text;
        }

        public void MoveHere(ReadOnlySpan<byte> text, Span<TextPart> parts)
        {
            IsEmpty = false;
            foreach (ref var part in parts)
            {
                part = Append(text.Slice(part.Start, part.Length));
            }
        }

        public TextPart Append(ReadOnlySpan<byte> name)
        {
            if (_length + name.Length > BytesMax)
            {
                throw new RequestTooLargeException($"The request has more than {BytesMax} bytes of names that are written unusually.");
            }

            if (_length + name.Length > _text.Length)
            {
                Array.Resize(ref _text, Math.Max(_length + name.Length, Math.Max(256, _text.Length * 2)));
            }

            name.CopyTo(_text.AsSpan(_length));
            _length += name.Length;
            return new TextPart(_length - name.Length, name.Length);
        }
    }
}
