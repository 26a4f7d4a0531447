namespace LocalPv.Fake.Api.Store;

/// <summary>A stream of numbers that only the seed decides (SplitMix64), for uids, name suffixes and deadlines.</summary>
internal sealed class SeededStream(ulong seed)
{
    // As k8s.io/apimachinery/pkg/util/rand: no vowels, and nothing that looks like another letter.
    private const string NameLetters = "bcdfghjklmnpqrstvwxz2456789";

    private ulong _state = seed;

    public ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15UL;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }

    /// <summary>A random UUID (version 4, variant 1) as text.</summary>
    public string NextUid()
    {
        var high = (Next() & 0xFFFFFFFFFFFF0FFFUL) | 0x4000UL;
        var low = (Next() & 0x3FFFFFFFFFFFFFFFUL) | 0x8000000000000000UL;
        return string.Create(36, (high, low), static (span, pair) =>
        {
            const string Digits = "0123456789abcdef";
            var at = 0;
            for (var i = 0; i < 32; i++)
            {
                if (i is 8 or 12 or 16 or 20)
                {
                    span[at++] = '-';
                }

                var word = i < 16 ? pair.high : pair.low;
                span[at++] = Digits[(int)((word >> (60 - (4 * (i % 16)))) & 15)];
            }
        });
    }

    /// <summary>The five letters that end a generated name.</summary>
    public string NextNameSuffix() => string.Create(5, Next(), static (span, number) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = NameLetters[(int)(number % (ulong)NameLetters.Length)];
            number /= (ulong)NameLetters.Length;
        }
    });
}
