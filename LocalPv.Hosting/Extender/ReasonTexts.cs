using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LocalPv.Core.Capacity;
using LocalPv.Core.Placement;

namespace LocalPv.Hosting.Extender;

/// <summary>The reasons of one answer as JSON strings: equal verdicts share one text, so that thousands of them cost one.</summary>
internal sealed class ReasonTexts
{
    // Rounded reasons are few (one for each power of two, at most, for each claim); beyond this, they are made anew each time.
    private const int KnownMax = 128;

    private readonly List<(NodeVerdict Verdict, byte[] Text)> _known = [];

    /// <summary>Forgets the last answer.</summary>
    public void Clear() => _known.Clear();

    /// <summary>The reason for a node, with its quotes.</summary>
    public byte[] Of(in NodeVerdict verdict, ReadOnlySpan<ClaimDemand> claims, ReadOnlySpan<byte> node, bool exact)
    {
        if (!exact)
        {
            foreach (ref readonly var known in CollectionsMarshal.AsSpan(_known))
            {
                if (VerdictText.SameWhenRounded(known.Verdict, verdict))
                {
                    return known.Text;
                }
            }
        }

        var reason = VerdictText.Of(verdict, claims, Encoding.UTF8.GetString(node), exact);
        var encoded = JsonEncodedText.Encode(reason, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        byte[] text = [(byte)'"', .. encoded.EncodedUtf8Bytes, (byte)'"'];
        if (!exact && _known.Count < KnownMax)
        {
            _known.Add((verdict, text));
        }

        return text;
    }
}
