using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PciBus.Tests.Support;

/// <summary>
/// Gives ports to the servers of the tests. The ports lie below those that the system gives to outgoing connections, so that
/// no connection takes the port of a server that has not started yet, or is being started again.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Last = 32_000;
    private const int Attempts = 10_000;

    /// <summary>One folder for each user: nobody can open the lock files of another.</summary>
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), $"pcibus-test-ports-{Environment.UserName}");

    /// <summary>An open file of this process keeps each port that it was given; the end of the process closes the file.</summary>
    private static readonly ConcurrentDictionary<int, FileStream> Locks = [];

    static FreePort() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var file in Locks.Values) file.Dispose();
    };

    /// <summary>A port on which nobody listens, and which no other caller in this process or in another test process has.</summary>
    public static int Next()
    {
        Directory.CreateDirectory(Folder);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (TryLock(port)) return port;
        }

        throw new InvalidOperationException($"No port from {First} to {Last} is free; {Folder} holds the locks of those that were given");
    }

    private static bool TryLock(int port)
    {
        if (Locks.ContainsKey(port)) return false;
        FileStream file;
        try
        {
            file = new FileStream(
                Path.Combine(Folder, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            // Another has it.
            return false;
        }

        if (IsFree(port) && Locks.TryAdd(port, file)) return true;
        file.Dispose();
        return false;
    }

    /// <summary>On all addresses: a listener on any of them can be in the way.</summary>
    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
