using System.Runtime.InteropServices;
using System.Threading.Channels;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

[Collection(LibvirtLibrary.Collection)]
public sealed class LibvirtEventsTests
{
    private readonly Guid _uuid = Guid.NewGuid();

    private delegate void DeviceCallback(nint connection, nint domain, nint alias, nint opaque);

    private delegate void JobCallback(nint connection, nint domain, nint parameters, int count, nint opaque);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LifeOfADomain_IsToldInItsOrder()
    {
        await using var connection = await OpenAsync();
        await using var other = await OpenAsync();
        await connection.CreateAsync(LibvirtLibrary.Xml(_uuid, $"vm-{_uuid:N}"), Token);
        await other.SuspendAsync(_uuid, Token);
        await connection.ResumeAsync(_uuid, Token);
        await other.DestroyAsync(_uuid, Token);

        LibvirtLifeCycle[] life =
            [LibvirtLifeCycle.Started, LibvirtLifeCycle.Suspended, LibvirtLifeCycle.Resumed, LibvirtLifeCycle.Stopped];
        Assert.Equal(life, await ReadAsync(connection, life.Length));
        Assert.Equal(life, await ReadAsync(other, life.Length));
    }

    [Fact]
    public async Task DisposedConnection_TellsNothingMore()
    {
        await using var other = await OpenAsync();
        var connection = await OpenAsync();
        await connection.DisposeAsync();
        await other.CreateAsync(LibvirtLibrary.Xml(_uuid, $"vm-{_uuid:N}"), Token);
        await other.DestroyAsync(_uuid, Token);
        await ReadAsync(other, 2);

        Assert.False(connection.Events.TryRead(out _));
        await connection.Events.Completion.WaitAsync(Patience.Times(TimeSpan.FromSeconds(5)), Token);
    }

    /// <summary>The driver has no events of devices and jobs: the callbacks are called as libvirt calls them.</summary>
    [Fact]
    public async Task EventsOfDevicesAndJobs_NameDomainAndAlias()
    {
        await using var connection = await OpenAsync();
        await connection.CreateAsync(LibvirtLibrary.Xml(_uuid, $"vm-{_uuid:N}"), Token);
        var events = Channel.CreateUnbounded<LibvirtEvent>();
        var number = LibvirtCallbacks.Add(events.Writer);
        var alias = Marshal.StringToCoTaskMemUTF8("ua-pci-7-zoë");
        await connection.RunAsync("the callbacks", LibvirtDeadlines.Look, handle =>
        {
            using var domain = LibvirtNative.virDomainLookupByUUIDString(handle, _uuid.ToString());
            CallAll(domain.DangerousGetHandle(), alias, number);
            LibvirtCallbacks.Remove(number);
            CallAll(domain.DangerousGetHandle(), alias, number);
            return true;
        }, Token);
        Marshal.FreeCoTaskMem(alias);
        await connection.DestroyAsync(_uuid, Token);

        events.Writer.Complete();
        Assert.Equal(
            [
                new LibvirtEvent.DeviceRemoved(_uuid, "ua-pci-7-zoë"),
                new LibvirtEvent.DeviceAdded(_uuid, "ua-pci-7-zoë"),
                new LibvirtEvent.DeviceRemovalFailed(_uuid, "ua-pci-7-zoë"),
                new LibvirtEvent.DeviceAdded(_uuid, ""),
                new LibvirtEvent.JobCompleted(_uuid),
            ],
            await events.Reader.ReadAllAsync(Token).ToListAsync(Token));
    }

    private static void CallAll(nint domain, nint alias, nint number)
    {
        foreach (var id in new[] { 15, 19, 22 }) Callback<DeviceCallback>(id)(0, domain, alias, number);
        Callback<DeviceCallback>(19)(0, domain, 0, number);
        Callback<JobCallback>(21)(0, domain, 0, 0, number);
    }

    private static T Callback<T>(int id) where T : Delegate =>
        Marshal.GetDelegateForFunctionPointer<T>(LibvirtCallbacks.All.Single(callback => callback.Id == id).Callback);

    private static async Task<LibvirtConnection> OpenAsync()
    {
        LibvirtLibrary.Require();
        return await LibvirtConnection.OpenAsync(LibvirtLibrary.TestDriver, TimeProvider.System, Token);
    }

    /// <summary>The next changes of this test's domain.</summary>
    private async Task<IReadOnlyList<LibvirtLifeCycle>> ReadAsync(LibvirtConnection connection, int count)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(Patience.Times(TimeSpan.FromSeconds(5)));
        var changes = new List<LibvirtLifeCycle>();
        while (changes.Count < count)
        {
            var happened = await connection.Events.ReadAsync(deadline.Token);
            if (happened is LibvirtEvent.LifeCycle life && life.Domain == _uuid) changes.Add(life.Change);
        }

        return changes;
    }
}
