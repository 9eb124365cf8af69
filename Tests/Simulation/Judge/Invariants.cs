using PciBus.Contracts.VirtualMachines;
using PciBus.Management.PciDevices;
using PciBus.Tests.Simulation.Product;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Judge;

/// <summary>What must be so after every event. Judges by hypervisors, bus and plain SQL, not by the product's own word.</summary>
internal sealed class Invariants(SimulationLoop loop, SimulatedDatabase database, Truth truth, EvidenceLog evidence)
{
    private const string NotSaid = "the host did not say whether it is clean";

    private readonly Dictionary<long, (DeviceRow Device, VmRow Owner, long Since)> _claims = [];

    /// <summary>Domains that were started by hand and that their hosts have shown to management.</summary>
    private readonly HashSet<(string Host, Guid Domain)> _shown = [];

    /// <summary>What the database said last.</summary>
    public DatabaseState State { get; private set; } = new([], [], [], []);

    public void CheckDatabase()
    {
        var before = State;
        State = database.Read();
        var vms = State.Vms.ToDictionary(vm => vm.Id);
        CheckCopies(before);
        CheckRunning(before);
        CheckFoundByMigration(before);
        CheckReleases(vms);
        CheckClaims(vms);
        CheckCapacity();
        CheckMaintenance(before);
        CheckWorkflows(vms);
        CheckInventory();
    }

    /// <summary>The database was set back: what is released from now on needs evidence from now on.</summary>
    public void Restored()
    {
        State = database.Read();
        _claims.Clear();
        _shown.Clear();
        foreach (var device in State.Devices.Where(device => device.Owner is not null))
        {
            _claims.Add(device.Id, (device, State.Vms.Single(vm => vm.Id == device.Owner), loop.Events));
        }

        evidence.Restored.Happen(State, truth, loop.Now, loop.Events);
    }

    /// <summary>A domain's devices are its VM's own: nothing was released, or given to another, while a domain held it.</summary>
    public void CheckDomains()
    {
        var owners = State.Vms.ToDictionary(vm => vm.Id, vm => vm.Uuid);
        var rows = State.Devices.ToDictionary(device => (device.Host, device.Address));
        foreach (var (host, domain, devices) in truth.Domains)
        {
            if (evidence.Restored.IsUnknown(host, domain)) continue;
            foreach (var address in devices)
            {
                var row = rows.GetValueOrDefault((host, address));
                if (row?.Owner is not { } owner || owners[owner] != domain)
                {
                    throw new InvariantViolationException(
                        "A device in a domain is owned by that VM", $"{host} {address} is in domain {domain}, and owned by {row?.Owner?.ToString() ?? "nobody"}");
                }
            }
        }
    }

    /// <summary>A virtual machine goes to no host while another has shown it, and has neither said that it is off nor been declared down.</summary>
    private void CheckCopies(DatabaseState before)
    {
        _shown.IntersectWith(truth.Copies);
        _shown.RemoveWhere(copy => State.Hosts.Any(host => host.Guid == copy.Host && host.Status == "Down"));
        var shown = _shown.SelectMany(copy => State.Vms.Where(vm => vm.Uuid == copy.Domain).Select(vm => (vm.Id, copy.Host)));
        var known = shown.Union(State.Sightings.Intersect(before.Sightings));
        foreach (var (vmId, host) in known)
        {
            var (was, now) = (before.Vms.FirstOrDefault(vm => vm.Id == vmId), State.Vms.Single(vm => vm.Id == vmId));
            if (now.State != "Starting" || was is null || (was.State == "Starting" && was.Host == now.Host)) continue;
            throw new InvariantViolationException("What a host was seen to run is started nowhere", $"{now} was {was.State}, and {host} has not said that it is off");
        }

        foreach (var (host, domain) in truth.Copies)
        {
            var report = evidence.NewestReport(host, State.Hosts.FirstOrDefault(row => row.Guid == host)?.Session ?? 0);
            // An Off that is newer than the report: what it showed was there before the copy.
            var isOld = evidence.Off(domain, host, 0).Any(off => off.Session == report?.Session && off.Sequence > report.Sequence);
            if (!isOld && report?.VirtualMachines?.Any(shown => shown.Uuid == domain) == true) _shown.Add((host, domain));
        }
    }

    /// <summary>
    /// A virtual machine that came up with devices is not what somebody else had started there without them. Of one without devices
    /// nobody can tell: it is that.
    /// </summary>
    private void CheckRunning(DatabaseState before)
    {
        var was = before.Vms.Where(vm => vm.State == "Starting").ToDictionary(vm => vm.Id);
        // It may be on its way to another host already.
        foreach (var now in State.Vms.Where(vm => vm.State is "Running" or "Migrating" && was.ContainsKey(vm.Id)))
        {
            var host = was[now.Id].Host!;
            if (!truth.Copies.Contains((host, now.Uuid))) continue;
            if (!State.Devices.Any(device => device.Owner == now.Id && device.Host == host) && truth.TryAdopt(host, now.Uuid)) continue;
            throw new InvariantViolationException("What a start made has its devices", $"{now} was started by hand, without them");
        }
    }

    /// <summary>
    /// A migration that found the virtual machine on one side, and off on the other, takes what somebody had started by hand on that
    /// side for it: it has its place there, and there is no other domain of it.
    /// </summary>
    private void CheckFoundByMigration(DatabaseState before)
    {
        var were = before.Vms.Where(vm => vm.State == "Migrating").Select(vm => vm.Id).ToHashSet();
        foreach (var now in State.Vms.Where(vm => vm.State == "Running" && were.Contains(vm.Id)))
        {
            if (!truth.TryAdopt(now.Host!, now.Uuid) || evidence.Restored.Happened) continue;
            var twin = truth.Domains.FirstOrDefault(other => other.Domain == now.Uuid && other.Host != now.Host && !truth.Copies.Contains((other.Host, other.Domain)));
            if (twin.Host is null) continue;
            throw new InvariantViolationException("A VM has one domain", $"{now} was started there by hand, and lives on {twin.Host}");
        }
    }

    private void CheckReleases(Dictionary<long, VmRow> vms)
    {
        var now = State.Devices.ToDictionary(device => device.Id);
        foreach (var (id, claim) in _claims.ToList())
        {
            var device = now.GetValueOrDefault(id);
            if (device?.Owner == claim.Owner.Id && device.Claim == claim.Device.Claim) continue;
            _claims.Remove(id);
            CheckEvidence(claim.Device, device, claim.Owner, claim.Since);
        }

        foreach (var device in State.Devices.Where(device => device.Owner is not null))
        {
            var owner = vms[device.Owner!.Value];
            if (_claims.TryAdd(device.Id, (device, owner, loop.Events))) evidence.Restored.CheckGiven(device, owner.Uuid, truth.HolderOf(device.Host, device.Address));
        }
    }

    private void CheckEvidence(DeviceRow before, DeviceRow? after, VmRow owner, long since)
    {
        List<VirtualMachineAnswer> off = [.. evidence.Off(owner.Uuid, before.Host, since), .. evidence.LetGo(owner.Uuid, before.Host, before.Address, since)];
        if (off.Count == 0 && after is { Quarantined: true } && evidence.CouldNotAttach(owner.Uuid, before.Host, before.Address, since)) return;
        if (off.Count == 0)
        {
            throw new InvariantViolationException(
                "Nothing is released without evidence", $"{before} was taken from {owner}, and {before.Host} has not said that it is off, or has let go of it");
        }

        if (after is { Quarantined: false } && !off.Any(answer => EvidenceLog.ShowsClean(answer, before.Address)))
        {
            throw new InvariantViolationException(
                "Only clean devices are given back", $"{before} was taken from {owner}, and {before.Host} has not said that it is clean");
        }

        if (after is { Quarantined: true, HealthReason: NotSaid } && !before.Quarantined)
        {
            throw new InvariantViolationException("Nothing is quarantined that nobody has looked at", $"{before} was taken from {owner}");
        }
    }

    private void CheckClaims(Dictionary<long, VmRow> vms)
    {
        var claims = State.Devices.Where(device => device.Owner is not null).ToLookup(device => (Vm: device.Owner!.Value, device.Host));
        foreach (var claim in claims)
        {
            var vm = vms[claim.Key.Vm];
            // Once it has run there, devices have come and gone; where it migrates to, it has what was attached by hand, too.
            var (claimed, asked) = (PciDeviceNames.Of(claim.Select(device => device.ClaimedName!)), PciDeviceNames.ParseList(vm.PciDevices));
            if (vm.Host == claim.Key.Host && (vm.State == "Starting" ? !claimed.Equals(asked) : vm.State == "Migrating" && !claimed.Covers(asked)))
            {
                throw new InvariantViolationException(
                    "A claim is whole", $"{vm} wants {vm.PciDevices} and owns {string.Join(", ", claim.Select(device => $"{device} as {device.ClaimedName}"))}");
            }

            if (!State.Hosts.Single(host => host.Guid == claim.Key.Host).Takers.Contains(vm.Id))
            {
                throw new InvariantViolationException("Who owns devices of a host has taken CPU and RAM there", $"{vm} on {claim.Key.Host}");
            }
        }

        foreach (var vm in State.Vms.Where(vm => vm is { State: "Running", WorkflowId: null, PciDevices.Length: > 0, Degraded: false }))
        {
            var owned = claims[(vm.Id, vm.Host!)].Select(device => device.ClaimedName!).ToList();
            if (!PciDeviceNames.Of(owned).Covers(PciDeviceNames.ParseList(vm.PciDevices)))
            {
                throw new InvariantViolationException(
                    "A Running VM has its devices, or is Degraded", $"{vm} wants {vm.PciDevices} and owns [{string.Join(", ", owned)}] there");
            }
        }
    }

    private void CheckCapacity()
    {
        foreach (var host in State.Hosts) evidence.Restored.CheckTakers(host);
        foreach (var host in State.Hosts.Where(host => host.Used != host.Sum))
        {
            throw new InvariantViolationException("Capacity is the sum of its rows", $"{host.Guid}: {host.Used} is used, the rows say {host.Sum}");
        }
    }

    /// <summary>A host is in maintenance when nothing is there, or nobody knows what is, and nothing goes to a host on the way there.</summary>
    private void CheckMaintenance(DatabaseState before)
    {
        var were = before.Hosts.ToDictionary(host => host.Guid);
        foreach (var host in State.Hosts.Where(host => host.IsInMaintenance))
        {
            if (were.GetValueOrDefault(host.Guid) is not { } was) continue;
            if (host.ResourceState == "Maintenance" && was.ResourceState != "Maintenance" && host is { Status: not "Down", Takers.Count: > 0 })
            {
                throw new InvariantViolationException("A host in maintenance is empty", $"{host.Guid} has {string.Join(", ", host.Takers.Select(id => $"VM {id}"))}");
            }

            if (was.IsInMaintenance && host.Takers.Except(was.Takers).ToList() is { Count: > 0 } came)
            {
                throw new InvariantViolationException("Nothing goes to a host in maintenance", $"VM {came[0]} has come to {host.Guid}");
            }
        }
    }

    private void CheckWorkflows(Dictionary<long, VmRow> vms)
    {
        var workflows = State.Workflows.ToDictionary(workflow => workflow.Id);
        foreach (var vm in State.Vms.Where(vm => vm.WorkflowId is not null))
        {
            if (workflows.GetValueOrDefault(vm.WorkflowId!.Value) is not { Waiting: false } workflow || workflow.VmId != vm.Id)
            {
                throw new InvariantViolationException("A VM is held by a workflow of its own", $"{vm} is held by {vm.WorkflowId}");
            }
        }

        foreach (var workflow in State.Workflows)
        {
            var vm = vms[workflow.VmId];
            var what = $"{workflow.Kind} {workflow.Id} in {workflow.Step}, for {vm} which is held by {vm.WorkflowId}";
            if (workflow.Waiting ? vm.WorkflowId is null : vm.WorkflowId != workflow.Id)
            {
                throw new InvariantViolationException("A workflow holds its VM, or waits for the one that does", what);
            }

            if (workflow is { Waiting: false, HasDeadline: false, AwaitingHost: null })
            {
                throw new InvariantViolationException("A workflow has a deadline, or waits for a host", what);
            }
        }
    }

    /// <summary>The rows say what the newest report said: an older one that came later has changed nothing.</summary>
    private void CheckInventory()
    {
        foreach (var host in State.Hosts)
        {
            if (evidence.NewestReport(host.Guid, host.Session)?.PciDevices is not { } reported) continue;
            var rows = State.Devices.Where(device => device.Host == host.Guid && device.Configured)
                .Select(device => $"{device.Address} {device.ReportedName}").Order(StringComparer.Ordinal);
            var newest = reported.Select(device => $"{device.Address} {device.Name}").Order(StringComparer.Ordinal);
            if (!rows.SequenceEqual(newest))
            {
                throw new InvariantViolationException(
                    "The inventory follows the newest report", $"{host.Guid}: {string.Join(", ", rows)} instead of {string.Join(", ", newest)}");
            }
        }
    }
}
