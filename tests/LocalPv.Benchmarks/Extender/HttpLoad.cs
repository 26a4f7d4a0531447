using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LocalPv.Benchmarks.Extender;

/// <summary>One connection that sends the same request over and over, as kube-scheduler's client does, and measures each answer.</summary>
internal sealed class HttpLoad : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _buffer = new byte[1 << 18];

    /// <summary>Connects.</summary>
    public HttpLoad(Uri address, string path, byte[] body)
    {
        var head = Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nUser-Agent: Go-http-client/1.1\r\n"
            + $"Content-Length: {body.Length}\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n");
        _request = [.. head, .. body];
        _socket.Connect(IPAddress.Loopback, address.Port);
    }

    /// <summary>The bytes of the last answer's body, frames of its transfer not counted.</summary>
    public int AnswerBytes { get; private set; }

    /// <summary>Asks for a while, at least three times; the median time of an answer in microseconds.</summary>
    public double Median(TimeSpan duration)
    {
        var times = new List<double>();
        var start = Stopwatch.GetTimestamp();
        while (times.Count < 3 || Stopwatch.GetElapsedTime(start) < duration)
        {
            var sent = Stopwatch.GetTimestamp();
            Ask();
            times.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    /// <summary>Asks once.</summary>
    public void Ask()
    {
        for (var sent = 0; sent < _request.Length;)
        {
            sent += _socket.Send(_request, sent, _request.Length - sent, SocketFlags.None);
        }

        var have = _socket.Receive(_buffer);
        int end;
        while ((end = _buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8)) < 0)
        {
            have += _socket.Receive(_buffer, have, _buffer.Length - have, SocketFlags.None);
        }

        var head = Encoding.ASCII.GetString(_buffer, 0, end);
        if (!head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(head);
        }

        var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        var rest = have - end - 4;
        AnswerBytes = length is not null
            ? ReadCounted(int.Parse(length[15..], CultureInfo.InvariantCulture), rest)
            : ReadChunks(end + 4, have);
    }

    public void Dispose() => _socket.Dispose();

    private int ReadCounted(int length, int have)
    {
        while (have < length)
        {
            have += _socket.Receive(_buffer);
        }

        return length;
    }

    private int ReadChunks(int at, int have)
    {
        var sum = 0;
        while (true)
        {
            var size = 0;
            for (var character = Next(ref at, ref have); character != '\r'; character = Next(ref at, ref have))
            {
                size = (size * 16) + Convert.ToInt32(((char)character).ToString(), 16);
            }

            Next(ref at, ref have);
            sum += size;
            for (var skip = size; skip > 0;)
            {
                Fill(ref at, ref have);
                var some = Math.Min(skip, have - at);
                at += some;
                skip -= some;
            }

            Next(ref at, ref have);
            Next(ref at, ref have);
            if (size == 0)
            {
                return sum;
            }
        }
    }

    private byte Next(ref int at, ref int have)
    {
        Fill(ref at, ref have);
        return _buffer[at++];
    }

    private void Fill(ref int at, ref int have)
    {
        if (at == have)
        {
            have = _socket.Receive(_buffer);
            at = 0;
            if (have == 0)
            {
                throw new InvalidOperationException("The server closed the connection.");
            }
        }
    }
}
