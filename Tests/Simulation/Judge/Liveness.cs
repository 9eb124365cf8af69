using System.Text.Json;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Management.PciDevices;
using PciBus.Tests.Simulation.Product;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Judge;

/// <summary>What must have become of a cluster some time after the last fault.</summary>
internal sealed class Liveness(SimulatedDatabase database, Truth truth, EvidenceLog evidence, IReadOnlyList<HostMachine> hosts)
{
    /// <summary>By then everything must have settled: the longest deadline of a job, and a few rounds of asking.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(30);

    /// <summary>What is not yet as it must be; null when all is.</summary>
    public string? Unsettled()
    {
        var state = database.Read();
        return First(state.Workflows.Select(workflow => $"workflow {workflow.Kind} {workflow.Id} in {workflow.Step} on {workflow.AwaitingHost} has not ended"))
            ?? First(database.OpenJobs().Select(job => $"{job} has not ended"))
            ?? First(state.Vms.Select(vm => Wrong(vm, state)).OfType<string>())
            ?? First(state.Devices.Select(device => Wrong(device, state)).OfType<string>())
            ?? First(state.Hosts.Where(host => host.Status != "Up").Select(host => $"{host.Guid} is {host.Status}"))
            ?? First(truth.Domains.Where(domain => state.Vms.All(vm => vm.Uuid != domain.Domain)).Select(domain => $"domain {domain.Domain} belongs to nobody"))
            ?? First(database.UnusedClasses().Select(one => $"no host is in {one}"))
            ?? First(database.CauselessAlerts().Select(alert => $"the alert {alert} stands"))
            ?? (database.IsOutboxEmpty() ? null : "the outbox is not empty");
    }

    /// <summary>What cannot become better by waiting.</summary>
    public void CheckForGood()
    {
        foreach (var (destination, body) in database.Outbox().Where(row => !evidence.WasSent(row.Destination, row.Body)))
        {
            throw new InvariantViolationException("What was decided to be sent is sent", $"never came to {destination}: {body}");
        }

        foreach (var host in hosts.Where(host => Directory.Exists(host.DomainFolder)))
        {
            foreach (var path in Directory.EnumerateFiles(host.DomainFolder, "*.json"))
            {
                var domain = JsonSerializer.Deserialize<SimulatedDomain>(File.ReadAllText(path), SimulatorJson.Options)!;
                if (!domain.IsActive) throw new InvariantViolationException("Nothing is left of a migration", $"{domain.Uuid} is suspended on {host.Guid}");
                // A reboot that stands in a restored database is carried out again, if something else was asked of it since. A host that
                // has lost its journal does so too, and the domain may have been migrated since.
                var again = hosts.Sum(one => one.JournalsLost) + (evidence.Restored.Happened ? 1 : 0);
                if (domain.Boots - 1 <= evidence.Reboots.Count(domain.Uuid) + again) continue;
                throw new InvariantViolationException(
                    "A reboot reboots once", $"{domain.Uuid} booted {domain.Boots} times, and was told to {evidence.Reboots.Count(domain.Uuid)} times");
            }
        }
    }

    private string? Wrong(VmRow vm, DatabaseState state)
    {
        var places = truth.Domains.Where(domain => domain.Domain == vm.Uuid).ToList();
        var owned = state.Devices.Where(device => device.Owner == vm.Id).ToList();
        if (vm.State != "Running")
        {
            if (vm.State is not ("Stopped" or "Destroyed" or "Expunging")) return $"{vm} is neither here nor there";
            if (places.Count > 0) return $"{vm} has a domain on {places[0].Host}";
            if (owned.Count > 0) return $"{vm} owns {owned[0]}";
            return state.Hosts.FirstOrDefault(host => host.Takers.Contains(vm.Id)) is { } taken ? $"{vm} has taken CPU and RAM of {taken.Guid}" : null;
        }

        if (places.Count != 1 || places[0].Host != vm.Host) return $"{vm} has its domain on {string.Join(", ", places.Select(place => place.Host))}";
        if (owned.FirstOrDefault(device => device.Host != vm.Host) is { } stray) return $"{vm} owns {stray}";
        if (owned.FirstOrDefault(device => !places[0].Devices.Contains(device.Address)) is { } lost) return $"{vm} owns {lost}, which is not in its domain";
        return vm.Degraded || PciDeviceNames.Of(owned.Select(device => device.ClaimedName!)).Covers(PciDeviceNames.ParseList(vm.PciDevices))
            ? null
            : $"{vm} wants {vm.PciDevices}, is not Degraded, and its domain has {string.Join(", ", places[0].Devices)}";
    }

    private static string? Wrong(DeviceRow device, DatabaseState state)
    {
        if (device.Quarantined && string.IsNullOrEmpty(device.HealthReason)) return $"{device} is quarantined and nobody knows why";
        var owner = state.Vms.FirstOrDefault(vm => vm.Id == device.Owner);
        if (device.SeenIn != owner?.Uuid) return $"{device} is owned by {owner?.ToString() ?? "nobody"} and seen in {device.SeenIn}";
        return device is { Owner: null, Configured: false } ? $"{device} is neither configured nor owned" : null;
    }

    private static string? First(IEnumerable<string> troubles) => troubles.FirstOrDefault();
}
