using System.Xml.Linq;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

[Collection(LibvirtLibrary.Collection)]
public sealed class LibvirtConnectionTests : IAsyncLifetime
{
    private const string HostDevice = "<hostdev mode='subsystem' type='pci' managed='no'>"
        + "<source><address domain='0' bus='0x28' slot='0' function='1'/></source></hostdev>";

    private const string Space = "urn:pcibus";
    private const LibvirtDeviceTarget Live = LibvirtDeviceTarget.Live;

    private readonly Guid _uuid = Guid.NewGuid();
    private LibvirtConnection _connection = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Name => $"vm-zoë-{_uuid:N}";

    public async ValueTask InitializeAsync()
    {
        LibvirtLibrary.Require();
        _connection = await LibvirtConnection.OpenAsync(LibvirtLibrary.TestDriver, TimeProvider.System, Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
    }

    [Fact]
    public async Task ClosedConnection_LeavesNoReference_AndTakesNoCalls()
    {
        await CreateAsync();
        await _connection.ListDomainsAsync(Token);
        await _connection.DestroyAsync(_uuid, Token);
        Assert.Null(_connection.ReferencesLeft);
        await _connection.DisposeAsync();

        Assert.Equal((0, false), (_connection.ReferencesLeft, _connection.IsUsable));
        await _connection.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _connection.ListDomainsAsync(Token));
    }

    [Fact]
    public async Task Uri_ThatNobodyServes_IsSaidSo()
    {
        var refusal = await Assert.ThrowsAsync<LibvirtException>(
            () => LibvirtConnection.OpenAsync("qemu+unix:///system?socket=/nowhere/libvirt-sock&mode=legacy", TimeProvider.System, Token));

        Assert.Equal((38, 7, LibvirtFailure.Connection), (refusal.Code, refusal.Domain, refusal.Failure));
        Assert.Contains("/nowhere/libvirt-sock", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_IsTold() => Assert.True(await _connection.GetVersionAsync(Token) >= new Version(7, 0));

    [Fact]
    public async Task Host_SaysWhatItHas()
    {
        Assert.Equal(new HostCapacity(16, 1400, 3L << 30), await _connection.GetCapacityAsync(Token));
        Assert.StartsWith("<capabilities>", await _connection.GetCapabilitiesAsync(Token), StringComparison.Ordinal);
        Assert.True(_connection.IsUsable);
    }

    [Fact]
    public async Task CreatedDomain_IsListed_AndFound_AndGoneWhenItEnds()
    {
        Assert.Equal(_uuid, await CreateAsync());

        var domain = await _connection.FindDomainAsync(_uuid, Token);
        Assert.Equal((_uuid, Name, LibvirtDomainState.Running), (domain!.Uuid, domain.Name, domain.State));
        Assert.Contains($"<uuid>{_uuid}</uuid>", domain.Xml, StringComparison.Ordinal);
        Assert.Contains(await _connection.ListDomainsAsync(Token), listed => listed == domain);
        await _connection.SuspendAsync(_uuid, Token);
        Assert.Equal(LibvirtDomainState.Paused, (await _connection.FindDomainAsync(_uuid, Token))!.State);
        await _connection.ResumeAsync(_uuid, Token);
        await _connection.DestroyAsync(_uuid, Token);
        Assert.Null(await _connection.FindDomainAsync(_uuid, Token));
        Assert.DoesNotContain(await _connection.ListDomainsAsync(Token), listed => listed.Uuid == _uuid);
    }

    [Fact]
    public async Task DefinedDomain_IsFound_AndNotListed()
    {
        Assert.Equal(_uuid, await _connection.DefineAsync(LibvirtLibrary.Xml(_uuid, Name), Token));

        Assert.Equal(LibvirtDomainState.ShutOff, (await _connection.FindDomainAsync(_uuid, Token))!.State);
        Assert.DoesNotContain(await _connection.ListDomainsAsync(Token), listed => listed.Uuid == _uuid);
    }

    [Fact]
    public async Task Shutdown_EndsADomainThatListens()
    {
        await CreateAsync();
        await _connection.ShutdownAsync(_uuid, Token);

        Assert.Null(await _connection.FindDomainAsync(_uuid, Token));
    }

    [Fact]
    public async Task UnknownDomain_IsCode42()
    {
        var calls = new Func<Task>[]
        {
            () => _connection.ShutdownAsync(_uuid, Token), () => _connection.RebootAsync(_uuid, Token),
            () => _connection.ResetAsync(_uuid, Token), () => _connection.DestroyAsync(_uuid, Token),
            () => _connection.SuspendAsync(_uuid, Token), () => _connection.ResumeAsync(_uuid, Token),
            () => _connection.GetMetadataAsync(_uuid, Space, Token), () => _connection.GetJobAsync(_uuid, Token),
            () => _connection.AbortJobAsync(_uuid, Token), () => _connection.AttachDeviceAsync(_uuid, HostDevice, Live, Token),
            () => _connection.AskToDetachAsync(_uuid, "ua-pci-1-1", Token),
        };

        foreach (var call in calls) await RefusedAsync(42, LibvirtFailure.NoDomain, call);
        Assert.Null(await _connection.FindDomainAsync(_uuid, Token));
    }

    [Fact]
    public async Task TextIsUtf8_BothWays_AndNoneIsLost()
    {
        await CreateAsync();
        const string owner = "Zoë & 山田 <x>";
        Assert.Null(await _connection.GetMetadataAsync(_uuid, Space, Token));
        var element = new XElement(XName.Get("vm", Space), new XAttribute("owner", owner)).ToString();
        await _connection.SetMetadataAsync(_uuid, "pcibus", Space, element, Token);

        Assert.Equal(owner, XElement.Parse((await _connection.GetMetadataAsync(_uuid, Space, Token))!).Attribute("owner")?.Value);
        var domain = await _connection.FindDomainAsync(_uuid, Token);
        Assert.Equal(owner, XElement.Parse(domain!.Xml).Descendants(XName.Get("vm", Space)).Single().Attribute("owner")?.Value);
        Assert.Equal(Name, XElement.Parse(domain.Xml).Element("name")?.Value);
        await _connection.SetMetadataAsync(_uuid, "pcibus", Space, null, Token);
        Assert.Null(await _connection.GetMetadataAsync(_uuid, Space, Token));
    }

    [Fact]
    public async Task WhatTheDriverCannotDo_IsSaidSo()
    {
        await CreateAsync();

        await RefusedAsync(3, LibvirtFailure.NotSupported, () => _connection.AttachDeviceAsync(_uuid, HostDevice, Live, Token));
        await RefusedAsync(3, LibvirtFailure.NotSupported, () => _connection.DetachDeviceAsync(_uuid, HostDevice, Live, Token));
        await RefusedAsync(3, LibvirtFailure.NotSupported, () => _connection.AskToDetachAsync(_uuid, "ua-pci-1-1", Token));
        await RefusedAsync(3, LibvirtFailure.NotSupported, () => _connection.GetJobAsync(_uuid, Token));
        await RefusedAsync(3, LibvirtFailure.NotSupported, () => _connection.AbortJobAsync(_uuid, Token));
        var migration = new LibvirtMigration("qemu+tcp://10.0.0.2/system", LibvirtMigrateFlags.Live | LibvirtMigrateFlags.PeerToPeer)
        {
            MemoryUri = "tcp://10.0.0.2",
            DestinationXml = LibvirtLibrary.Xml(_uuid, Name),
        };
        await RefusedAsync(74, LibvirtFailure.NotSupported,
            () => _connection.MigrateAsync(_uuid, migration, TimeSpan.FromMinutes(1), Token));
        Assert.Equal(LibvirtDomainState.Running, (await _connection.FindDomainAsync(_uuid, Token))!.State);
    }

    [Fact]
    public async Task DomainThatIsNone_OrIsThere_IsRefused()
    {
        // XML_ERROR, or XML_DETAIL where it is not even XML.
        foreach (var (xml, code) in new[] { ("<domain type='test'><name>", 35), ("<domain type='test'><name>vm</name></domain>", 27) })
        {
            await RefusedAsync(code, LibvirtFailure.Other, () => _connection.CreateAsync(xml, Token));
        }

        await CreateAsync();
        await RefusedAsync(55, LibvirtFailure.Invalid, CreateAsync);
    }

    [Fact]
    public async Task RebootAndReset_LeaveTheDomainRunning()
    {
        await CreateAsync();
        await _connection.RebootAsync(_uuid, Token);
        await _connection.ResetAsync(_uuid, Token);

        Assert.Equal(LibvirtDomainState.Running, (await _connection.FindDomainAsync(_uuid, Token))!.State);
    }

    [Fact]
    public async Task DevicesOfTheHost_AreListed_WithTheirXml()
    {
        var names = await _connection.ListNodeDevicesAsync(LibvirtNodeDevices.All, Token);

        Assert.Contains("computer", names);
        Assert.Contains("<name>computer</name>", await _connection.GetNodeDeviceXmlAsync("computer", Token), StringComparison.Ordinal);
        Assert.Empty(await _connection.ListNodeDevicesAsync(LibvirtNodeDevices.Pci, Token));
        Func<string, CancellationToken, Task>[] calls =
        [
            _connection.GetNodeDeviceXmlAsync, _connection.ResetNodeDeviceAsync, _connection.DetachNodeDeviceAsync, _connection.ReattachNodeDeviceAsync,
        ];
        foreach (var call in calls) await RefusedAsync(53, LibvirtFailure.NoNodeDevice, () => call("pci_0000_28_00_1", Token));
        await RefusedAsync(3, LibvirtFailure.NotSupported, () => _connection.ResetNodeDeviceAsync("computer", Token));
    }

    private Task<Guid> CreateAsync() => _connection.CreateAsync(LibvirtLibrary.Xml(_uuid, Name), Token);

    private static async Task RefusedAsync(int code, LibvirtFailure failure, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<LibvirtException>(call);
        Assert.Equal((code, failure), (refusal.Code, refusal.Failure));
        Assert.NotEmpty(refusal.Message);
    }
}
