using System.Threading.Channels;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// A connection to a hypervisor of libvirt, e.g. <c>qemu:///system</c>. Domains are named by uuid, and looked up anew in each call: no
/// handle leaves the call that made it. Calls may overlap, but libvirtd works at 5 of a connection at a time
/// (<c>max_client_requests</c>) and leaves the sixth unread: long ones (migrations) belong on a connection of their own. What libvirt
/// refuses is a <see cref="LibvirtException"/>; so is a call that missed its deadline, after which this connection is of no more use.
/// </summary>
internal sealed partial class LibvirtConnection : IAsyncDisposable
{
    private readonly LibvirtCalls _calls;
    private readonly Channel<LibvirtEvent> _events;
    private readonly LibvirtSession _session;

    private LibvirtConnection(LibvirtCalls calls, Channel<LibvirtEvent> events, LibvirtSession session) =>
        (_calls, _events, _session) = (calls, events, session);

    /// <summary>What happens, in its order, from the opening on. It ends when the connection is disposed of.</summary>
    public ChannelReader<LibvirtEvent> Events => _events.Reader;

    /// <summary>Why this connection takes no more calls: libvirt did not answer one in time. Null while all is well.</summary>
    public string? Hung => _calls.Hung;

    /// <inheritdoc cref="LibvirtConnectHandle.ReferencesLeft"/>
    public int? ReferencesLeft => _session.Handle.ReferencesLeft;

    /// <summary>It takes calls: none has missed its deadline, and as far as this side knows it is open. Asks nobody.</summary>
    public bool IsUsable => Hung is null && !_session.Handle.IsClosed && LibvirtNative.virConnectIsAlive(_session.Handle) == 1;

    /// <exception cref="DllNotFoundException">There is no libvirt on this host.</exception>
    /// <exception cref="LibvirtException">It cannot be opened, or does not answer.</exception>
    public static Task<LibvirtConnection> OpenAsync(string uri, TimeProvider timeProvider, CancellationToken cancellationToken) =>
        OpenAsync(uri, LibvirtDeadlines.Open, listens: true, timeProvider, cancellationToken);

    /// <param name="uri">The hypervisor.</param>
    /// <param name="deadline">See <see cref="LibvirtDeadlines"/>; infinite is allowed.</param>
    /// <param name="listens">Whether it has events of domains.</param>
    /// <param name="timeProvider">The clock of deadlines.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <inheritdoc cref="OpenAsync(string, TimeProvider, CancellationToken)"/>
    public static async Task<LibvirtConnection> OpenAsync(
        string uri, TimeSpan deadline, bool listens, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var calls = new LibvirtCalls(timeProvider);
        var events = Channel.CreateUnbounded<LibvirtEvent>(new UnboundedChannelOptions { SingleReader = true });
        var session = await calls.RunAsync(
            $"virConnectOpen {uri}", deadline, () => LibvirtSession.Open(uri, listens, events.Writer), cancellationToken);
        return new LibvirtConnection(calls, events, session);
    }

    /// <summary>Version of libvirt at the other end, e.g. 9.0.0.</summary>
    public Task<Version> GetVersionAsync(CancellationToken cancellationToken) =>
        RunAsync("virConnectGetLibVersion", LibvirtDeadlines.Look, handle =>
        {
            LibvirtSession.Checked(LibvirtNative.virConnectGetLibVersion(handle, out var version));
            var number = (int)version;
            return new Version(number / 1_000_000, number / 1_000 % 1_000, number % 1_000);
        }, cancellationToken);

    public Task<HostCapacity> GetCapacityAsync(CancellationToken cancellationToken) =>
        RunAsync("virNodeGetInfo", LibvirtDeadlines.Look, LibvirtMemory.CapacityOf, cancellationToken);

    /// <summary>What the host and its QEMUs can do, as XML; with it the uuid by which libvirt knows the host.</summary>
    public Task<string> GetCapabilitiesAsync(CancellationToken cancellationToken) =>
        RunAsync("virConnectGetCapabilities", LibvirtDeadlines.Look,
            connection => LibvirtSession.Checked(LibvirtNative.virConnectGetCapabilities(connection)), cancellationToken);

    /// <summary>Closes it. Its domains go on; a libvirt that does not answer is waited for only shortly.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _calls.RunAnywayAsync("virConnectClose", LibvirtDeadlines.Close, () =>
            {
                _session.Dispose();
                return true;
            }, CancellationToken.None);
        }
        catch (LibvirtException)
        {
            // The thread that waits for it closes the connection when libvirt answers.
        }

        _events.Writer.TryComplete();
    }

    /// <summary>Runs a call with the connection's handle, on a thread of its own.</summary>
    /// <param name="what">The call, for whoever reads that it was not answered.</param>
    /// <param name="deadline">See <see cref="LibvirtDeadlines"/>.</param>
    /// <param name="call">It may block.</param>
    /// <param name="cancellationToken">Gives up waiting; the call goes on.</param>
    internal Task<T> RunAsync<T>(string what, TimeSpan deadline, Func<LibvirtConnectHandle, T> call, CancellationToken cancellationToken) =>
        _calls.RunAsync(what, deadline, () => call(_session.Handle), cancellationToken);
}
