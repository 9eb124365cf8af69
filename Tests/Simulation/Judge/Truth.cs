using System.Text.Json;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using PciBus.Management.Workflows.MigrateVirtualMachine;
using PciBus.Tests.Simulation.Product;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Judge;

/// <summary>
/// Which domain lives where and holds what, read from the attachment logs that the hypervisors write: neither agents nor
/// management have a say in it.
/// </summary>
internal sealed class Truth(IReadOnlyList<HostMachine> hosts, RestoredDatabase restored, Func<DatabaseState> state) : IDisposable
{
    private readonly Dictionary<HostMachine, FileStream> _logs = [];
    private readonly SortedDictionary<(string Host, Guid Domain), SortedSet<PciAddress>> _domains = [];

    /// <summary>Domains that somebody started by hand, with how often their host had rebooted by then.</summary>
    private readonly Dictionary<(string Host, Guid Domain), int> _copies = [];

    /// <summary>How often its host had rebooted when a domain began.</summary>
    private readonly Dictionary<(string Host, Guid Domain), int> _began = [];

    /// <summary>Domains with the devices they hold.</summary>
    public IEnumerable<(string Host, Guid Domain, IReadOnlyCollection<PciAddress> Devices)> Domains =>
        _domains.Select(pair => (pair.Key.Host, pair.Key.Domain, (IReadOnlyCollection<PciAddress>)pair.Value));

    public IReadOnlyCollection<PciAddress>? Find(string host, Guid domain) => _domains.GetValueOrDefault((host, domain));

    /// <summary>The domain that has a device.</summary>
    public Guid? HolderOf(string host, PciAddress device) =>
        _domains.FirstOrDefault(domain => domain.Key.Host == host && domain.Value.Contains(device)) is { Value: not null } holder ? holder.Key.Domain : null;

    /// <summary>Domains that somebody started by hand, and that live.</summary>
    public IEnumerable<(string Host, Guid Domain)> Copies => _copies.Keys.Where(_domains.ContainsKey);

    /// <summary>Somebody starts the domain of a virtual machine by hand; management must not end it, and has no part in it.</summary>
    /// <returns>False when a copy is there already.</returns>
    public bool TryCopy(HostMachine host, Guid domain) => _copies.TryAdd((host.Guid, domain), host.Reboots);

    /// <summary>Somebody ends what was started by hand.</summary>
    /// <returns>False when it has ended.</returns>
    public bool EndCopy(HostMachine host, Guid domain) => _copies.Remove((host.Guid, domain));

    /// <summary>What was started by hand is the virtual machine's domain from now on.</summary>
    /// <returns>False when nothing was started by hand there.</returns>
    public bool TryAdopt(string host, Guid domain) => _copies.Remove((host, domain));

    /// <summary>Reads what was written since the last time. True when there was something.</summary>
    public bool Read()
    {
        var any = false;
        foreach (var host in hosts.Where(host => host.MayHaveChanged))
        {
            host.MayHaveChanged = false;
            foreach (var line in ReadLines(host))
            {
                any = true;
                Apply(host, line);
            }
        }

        return any;
    }

    public void Dispose()
    {
        foreach (var log in _logs.Values) log.Dispose();
    }

    private void Apply(HostMachine machine, Attachment line)
    {
        var host = machine.Guid;
        var key = (host, line.Domain);
        switch (line.Event)
        {
            case Attachment.Start:
                restored.CameUp(machine, line.Domain, state().Vms.Any(vm => vm.Uuid == line.Domain && vm.Host == host));
                if (!restored.IsUnknown(host, line.Domain) && !_copies.ContainsKey(key)
                    && _domains.Keys.FirstOrDefault(other =>
                        other.Domain == line.Domain && !_copies.ContainsKey(other) && !restored.IsUnknown(other.Host, other.Domain)) is { Host: not null } twin)
                {
                    throw new InvariantViolationException("A VM has one domain", $"{line.Domain} came up on {host} while it lives on {twin.Host}");
                }

                _domains.Add(key, []);
                _began[key] = machine.Reboots;
                break;
            case Attachment.End:
                _domains.Remove(key);
                CheckMigration(machine, line.Domain);
                restored.Ended(host, line.Domain);
                if (_copies.Remove(key, out var reboots) && reboots == machine.Reboots && !IsStartedThere(key) && !restored.Happened)
                {
                    throw new InvariantViolationException("What was started by hand is left alone", $"{line.Domain} was ended on {host}");
                }

                break;
            case Attachment.Attach:
                if (_domains.FirstOrDefault(other => other.Key.Host == host && other.Value.Contains(line.Device!.Value)).Value is not null)
                {
                    throw new InvariantViolationException("A device is in one domain", $"{host} {line.Device} was attached to {line.Domain} and was not free");
                }

                _domains[key].Add(line.Device!.Value);
                break;
            case Attachment.Detach:
                // The devices of one that ends leave it after its end.
                _domains.GetValueOrDefault(key)?.Remove(line.Device!.Value);
                break;
        }
    }

    /// <summary>A migration ends what is left on the source, which stands still: not the one domain that the virtual machine has.</summary>
    private void CheckMigration(HostMachine machine, Guid domain)
    {
        if (!_began.Remove((machine.Guid, domain), out var reboots) || reboots != machine.Reboots || restored.Happened) return;
        if (_domains.Keys.Any(other => other.Domain == domain)) return;
        var vm = state().Vms.FirstOrDefault(vm => vm.Uuid == domain);
        if (vm?.WorkflowId is not { } id || !state().Workflows.Any(workflow => workflow.Id == id && workflow.Step == nameof(MigrateStep.EndingSource))) return;
        throw new InvariantViolationException("A migration ends what is left on its source", $"{vm} ran on {machine.Guid}, and nowhere else");
    }

    /// <summary>A start that went there before management knew of the copy cleans up after itself.</summary>
    private bool IsStartedThere((string Host, Guid Domain) copy) =>
        state().Vms.Any(vm => vm.Uuid == copy.Domain && vm.Host == copy.Host);

    private List<Attachment> ReadLines(HostMachine host)
    {
        if (!_logs.TryGetValue(host, out var log))
        {
            if (!File.Exists(host.AttachmentsPath)) return [];
            log = new FileStream(host.AttachmentsPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            _logs.Add(host, log);
        }

        var length = (int)(log.Length - log.Position);
        if (length == 0) return [];
        var bytes = new byte[length];
        log.ReadExactly(bytes);
        return [.. System.Text.Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<Attachment>(line, SimulatorJson.Options)!)];
    }
}
