using PciBus.Contracts;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Simulation.Judge;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Product;

/// <summary>
/// What a database does not know that was set back to an earlier moment: domains that came up since. An operator ends them. The
/// product promises that it gives nothing away on a host that has not announced itself since, and then nothing of what such a
/// domain holds.
/// </summary>
internal sealed class RestoredDatabase
{
    private readonly HashSet<(string Host, Guid Domain)> _unknown = [];
    private readonly HashSet<string> _doubted = [];
    private readonly HashSet<string> _announced = [];
    private readonly HashSet<string> _compared = [];

    /// <summary>What was to come up where by a command of before, and has not.</summary>
    private readonly HashSet<(string Destination, Guid Domain)> _ordered = [];
    private Dictionary<string, IReadOnlyList<long>> _takers = [];
    private long _session;
    private long _moment;

    public bool Happened { get; private set; }

    /// <summary>Domains that the database does not know, or knows otherwise.</summary>
    public IReadOnlyCollection<(string Host, Guid Domain)> Unknown => _unknown;

    /// <param name="state">What the database says now.</param>
    /// <param name="truth">What there is.</param>
    /// <param name="now">Sessions given out before have lower numbers than this moment.</param>
    /// <param name="moment">The same, counted in events of the loop.</param>
    public void Happen(DatabaseState state, Truth truth, DateTimeOffset now, long moment)
    {
        (Happened, _session, _moment) = (true, now.ToUnixTimeMilliseconds(), moment);
        _takers = state.Hosts.ToDictionary(host => host.Guid, host => host.Takers);
        foreach (var (host, domain, devices) in truth.Domains)
        {
            var vm = state.Vms.FirstOrDefault(vm => vm.Uuid == domain && vm.Host == host);
            var owned = state.Devices.Where(device => vm is not null && device.Owner == vm.Id && device.Host == host).Select(device => device.Address);
            if (vm is null || !owned.ToHashSet().SetEquals(devices)) Add(host, domain);
        }
    }

    /// <summary>Management gave a command to the bus, whatever became of it there.</summary>
    public void Sent(string destination, object message)
    {
        if (Happened) return;
        if (message is StartCommand start) _ordered.Add((destination, start.VmUuid));
        if (message is MigrateCommand migrate) _ordered.Add((EndpointNames.Agent(migrate.HostGuid), migrate.VmUuid));
    }

    /// <summary>A domain comes up. Of one by a command of before, a start or a migration, the database does not know.</summary>
    /// <param name="isPlacedThere">The database has it there.</param>
    public void CameUp(HostMachine host, Guid domain, bool isPlacedThere)
    {
        // Each has brought about one at most.
        var isOfBefore = _ordered.Remove((EndpointNames.Agent(host.Guid), domain)) | _ordered.Remove((EndpointNames.Agent(host.Says), domain));
        if (Happened && isOfBefore && (!isPlacedThere || host.Session < _session)) Add(host.Guid, domain);
    }

    public void Ended(string host, Guid domain) => _unknown.Remove((host, domain));

    public bool IsUnknown(string host, Guid domain) => _unknown.Contains((host, domain));

    /// <summary>Whether there was a domain on a host that the database did not know.</summary>
    public bool IsDoubted(string host) => _doubted.Contains(host);

    /// <summary>Management is given an announcement.</summary>
    /// <param name="sent">When it was sent, counted in events of the loop: an old one tells what was before.</param>
    public void Announced(string host, long sent)
    {
        if (!Happened) return;
        _announced.Add(host);
        if (sent >= _moment) _compared.Add(host);
    }

    /// <summary>A device was given to a virtual machine.</summary>
    /// <param name="domain">The one that has it at this moment, if any.</param>
    public void CheckGiven(DeviceRow device, Guid vm, Guid? domain)
    {
        if (!Happened) return;
        if (!_announced.Contains(device.Host)) throw new InvariantViolationException("Nothing is given away before a host has announced itself", $"{device} to {vm}");
        if (!_compared.Contains(device.Host) || domain is null || domain == vm) return;
        throw new InvariantViolationException("What a restored database does not know is not given away", $"{device} to {vm}, and it is in domain {domain}");
    }

    public void CheckTakers(HostRow host)
    {
        if (!Happened || _announced.Contains(host.Guid) || !host.Takers.Except(_takers.GetValueOrDefault(host.Guid, [])).Any()) return;
        throw new InvariantViolationException("Nothing is given away before a host has announced itself", $"CPU and RAM of {host.Guid}");
    }

    private void Add(string host, Guid domain)
    {
        _unknown.Add((host, domain));
        _doubted.Add(host);
    }
}
