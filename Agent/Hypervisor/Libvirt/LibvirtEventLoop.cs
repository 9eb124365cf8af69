using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// libvirt's event loop, on a thread of its own for as long as the process lives: it reads the connections, keeps them alive, and
/// calls back. libvirt asks for it before the first connection is opened.
/// </summary>
internal static unsafe class LibvirtEventLoop
{
    private static readonly Lock Gate = new();
    private static readonly ConcurrentDictionary<nint, ManualResetEventSlim> Waiting = new();
    private static long _lastWait;
    private static bool _runs;

    /// <summary>Starts it, if it does not run.</summary>
    /// <exception cref="DllNotFoundException">There is no libvirt on this host.</exception>
    /// <exception cref="LibvirtException">libvirt cannot be used.</exception>
    public static void Start()
    {
        lock (Gate)
        {
            if (_runs) return;
            if (LibvirtNative.virInitialize() < 0) throw LibvirtException.OfThisThread();
            // What fails is thrown; libvirt prints it to stderr as well unless somebody takes it.
            LibvirtNative.virSetErrorFunc(null, &TakeError);
            if (LibvirtNative.virEventRegisterDefaultImpl() < 0) throw LibvirtException.OfThisThread();
            new Thread(Run) { IsBackground = true, Name = "libvirt events" }.UnsafeStart();
            _runs = true;
        }
    }

    /// <summary>Waits until a callback that runs now has returned. Not for the thread of the loop itself.</summary>
    /// <returns>False: it did not return in time.</returns>
    public static bool Pass(TimeSpan deadline)
    {
        using var passed = new ManualResetEventSlim();
        var wait = (nint)Interlocked.Increment(ref _lastWait);
        Waiting[wait] = passed;
        try
        {
            return LibvirtNative.virEventAddTimeout(0, &Passed, wait, null) >= 0 && passed.Wait(deadline);
        }
        finally
        {
            Waiting.TryRemove(wait, out _);
        }
    }

    private static void Run()
    {
        // It fails for no connection's sake. When it does, connections are kept alive no more, and their calls say so.
        while (LibvirtNative.virEventRunDefaultImpl() >= 0)
        {
        }
    }

    [UnmanagedCallersOnly]
    private static void Passed(int timer, nint wait)
    {
        _ = LibvirtNative.virEventRemoveTimeout(timer);
        try
        {
            if (Waiting.TryGetValue(wait, out var passed)) passed.Set();
        }
        catch (ObjectDisposedException)
        {
            // Its deadline has passed in this moment.
        }
    }

    [UnmanagedCallersOnly]
    private static void TakeError(void* userData, void* error)
    {
    }
}
