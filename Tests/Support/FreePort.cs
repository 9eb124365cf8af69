using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PciBus.Tests.Support;

/// <summary>
/// Ports for servers of the tests. They lie below those that the system gives to connections: one of these would take the port
/// of a server that has not started yet, or is being started again.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Last = 32_000;
    private static readonly ConcurrentDictionary<int, bool> Given = [];

    /// <summary>A port on which nobody listens, and which no other caller in this process was ever given.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            if (IsFree(port) && Given.TryAdd(port, true)) return port;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
