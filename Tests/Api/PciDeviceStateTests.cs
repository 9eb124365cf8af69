using CsCheck;
using Microsoft.EntityFrameworkCore;
using PciBus.Management.Api.PciDevices;
using PciBus.Management.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>The state that the database derives and the accounter that plans and claims say the same of every device.</summary>
public sealed class PciDeviceStateTests : IAsyncLifetime
{
    private static readonly Dictionary<PciDeviceState, string?> Reasons = new()
    {
        [PciDeviceState.Allocated] = "in use",
        [PciDeviceState.Stray] = "in use",
        [PciDeviceState.Unconfigured] = "not configured",
        [PciDeviceState.Missing] = "missing",
        [PciDeviceState.Unusable] = "unusable",
        [PciDeviceState.Quarantined] = "quarantined",
        [PciDeviceState.Disabled] = "disabled",
        [PciDeviceState.Foreign] = "in a domain that does not own it",
        [PciDeviceState.Blocked] = "on the same hardware as one in use",
        [PciDeviceState.Free] = null,
    };

    private static readonly Gen<PciDevice[]> Hosts = Gen.Select(
        Gen.Bool, Gen.Bool, Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))),
        Gen.Frequency((3, Gen.Const(false)), (1, Gen.Const(true))), Gen.Int[0, 3], Gen.Int[0, 4],
        (configured, present, enabled, isOwned, group, parent) => new PciDevice
        {
            Name = "10GE",
            ReportedName = "10GE",
            Configured = configured || enabled,
            Present = present || enabled,
            Enabled = enabled,
            InstanceId = isOwned ? 1 : null,
            Health = group == 3 && !enabled ? PciDeviceHealth.Quarantined : PciDeviceHealth.Good,
            Unusable = group == 1 && parent == 1 ? "it is a bridge" : null,
            SeenIn = group == 2 && parent == 2 ? new Guid("00000000-0000-0000-0000-000000000001") : null,
            IommuGroup = group == 0 ? null : group,
            PhysicalFunction = parent == 0 ? null : $"0000:28:00.{parent}",
        }).Array[6];

    private readonly ApiStory _story = new();

    public ValueTask InitializeAsync() => _story.InitializeAsync();

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public Task The_database_and_the_accounter_agree_on_every_device() => Hosts.HoldsAsync(
        async devices =>
        {
            var states = await StatesAsync(devices);
            var accounter = new PciDeviceAccounter(devices);
            Assert.Equal(devices.Length, states.Count);
            Assert.All(devices, device => Assert.Equal(accounter.WhyNot(device), Reasons[states[device.Id]]));
        },
        iter: 60);

    private Task<Dictionary<long, PciDeviceState>> StatesAsync(PciDevice[] devices) => _story.Management.DatabaseAsync(async database =>
    {
        var host = await database.Set<Management.Hosts.Host>().SingleAsync(row => row.Name == "kvm1");
        await database.Set<PciDevice>().Where(device => device.HostId == host.Id).ExecuteDeleteAsync();
        for (var i = 0; i < devices.Length; i++)
        {
            (devices[i].Id, devices[i].Uuid, devices[i].HostId) = (0, Guid.NewGuid(), host.Id);
            (devices[i].Bus, devices[i].Function) = (0x28, i);
        }

        database.AddRange(devices);
        await database.SaveChangesAsync();
        return await new PciDeviceQueries(database).WithState(database.Set<PciDevice>().Where(device => device.HostId == host.Id))
            .ToDictionaryAsync(row => row.Device.Id, row => row.State);
    });
}
