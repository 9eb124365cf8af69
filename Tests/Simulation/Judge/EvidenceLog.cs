using System.Text.Json;
using PciBus.Contracts;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Simulation.Product;

namespace PciBus.Tests.Simulation.Judge;

/// <summary>What a judge at the bus has seen: which messages were sent, and which answers and reports management was given.</summary>
internal sealed class EvidenceLog
{
    private readonly HashSet<(string Destination, Guid CommandId, long Session)> _sent = [];
    private readonly Dictionary<(Guid Vm, string Host), List<(long Sent, VirtualMachineAnswer Answer)>> _off = [];
    private readonly Dictionary<(Guid Vm, string Host), List<(long Sent, AttachPciDevicesAnswer Answer)>> _attaches = [];
    private readonly Dictionary<(Guid Vm, string Host, PciAddress Device), List<(long Sent, VirtualMachineAnswer Answer)>> _letGo = [];
    private readonly Dictionary<string, HashSet<object>> _handling = [];
    private readonly Dictionary<string, (long Session, long Sequence, HostReport Report)> _newest = [];

    public RebootLog Reboots { get; } = new();

    public RestoredDatabase Restored { get; } = new();

    /// <summary>Management gave a message to the bus, whatever became of it there.</summary>
    public void Sent(string destination, object message)
    {
        if (message is Command command) _sent.Add((destination, command.CommandId, SessionOf(command)));
        Restored.Sent(destination, message);
        if (message is RebootCommand reboot) Reboots.Add(reboot);
        if (message is PingAnswer ask) _sent.Add((destination, ask.CommandId, ask.Session));
        if (message is StartupAnswer answer) _sent.Add((destination, answer.CommandId, answer.Session));
    }

    /// <summary>Whether a row of the outbox was ever given to the bus.</summary>
    public bool WasSent(string destination, string body)
    {
        using var json = JsonDocument.Parse(body);
        return _sent.Contains((
            destination, json.RootElement.GetProperty("CommandId").GetGuid(), json.RootElement.GetProperty("Session").GetInt64()));
    }

    /// <summary>Management is given a message, as its agent sent it.</summary>
    /// <param name="sent">When it was sent, counted in events of the loop.</param>
    public void Handling(object message, long sent)
    {
        if (message is VirtualMachineAnswer { Observed: Observation.Off } answer)
        {
            if (!_off.TryGetValue((answer.VmUuid, answer.HostGuid), out var known)) _off.Add((answer.VmUuid, answer.HostGuid), known = []);
            known.Add((sent, answer));
        }

        if (message is AttachPciDevicesAnswer { Result: false } attach)
        {
            if (!_attaches.TryGetValue((attach.VmUuid, attach.HostGuid), out var known)) _attaches.Add((attach.VmUuid, attach.HostGuid), known = []);
            known.Add((sent, attach));
        }

        if (message is VirtualMachineAnswer { NotBegun: false } told && told is AttachPciDevicesAnswer or DetachPciDevicesAnswer)
        {
            foreach (var removed in told.DeviceOutcomes.Where(outcome => outcome.State == HotplugState.Removed))
            {
                var key = (told.VmUuid, told.HostGuid, removed.Address);
                if (!_letGo.TryGetValue(key, out var known)) _letGo.Add(key, known = []);
                known.Add((sent, told));
            }
        }

        if (message is StartupRoutingCommand startup) Restored.Announced(startup.Guid, sent);
        // A start that stands in a restored database is carried out again, and meets what came up since.
        if (message is VirtualMachineAnswer { Details: { } details, HostGuid: { } where }
            && details.Contains("is in use by driver QEMU", StringComparison.Ordinal)
            && !Restored.IsDoubted(where))
        {
            throw new InvariantViolationException("A device is handed out once", $"the hypervisor had to refuse it: {details}");
        }

        if (HostOf(message) is not { } host) return;
        if (!_handling.TryGetValue(host, out var under)) _handling.Add(host, under = []);
        under.Add(message);
    }

    /// <summary>Management has done what it does about a message.</summary>
    public void Handled(object message)
    {
        if (HostOf(message) is not { } host) return;
        _handling[host].Remove(message);
        if (message is not PingRoutingCommand { Report: { } report }) return;
        var newest = _newest.GetValueOrDefault(host);
        if ((report.Session, report.Sequence).CompareTo((newest.Session, newest.Sequence)) > 0) _newest[host] = (report.Session, report.Sequence, report);
    }

    /// <summary>The newest report of a host that was handled in its session; null while others are being handled, or none was.</summary>
    public HostReport? NewestReport(string host, long session) =>
        _handling.GetValueOrDefault(host) is { Count: > 0 } || !_newest.TryGetValue(host, out var newest) || newest.Session != session
            ? null
            : newest.Report;

    /// <summary>Answers that a VM is off on a host, sent after a moment and given to management.</summary>
    public IReadOnlyList<VirtualMachineAnswer> Off(Guid vm, string host, long sentAfter) =>
        [.. _off.GetValueOrDefault((vm, host), []).Where(one => one.Sent >= sentAfter).Select(one => one.Answer)];

    /// <summary>Whether a host said, after a moment, that a device which it was to attach is not in the VM's domain.</summary>
    public bool CouldNotAttach(Guid vm, string host, PciAddress device, long sentAfter) => _attaches.GetValueOrDefault((vm, host), [])
        .Any(one => one.Sent >= sentAfter && one.Answer.PciDevices is { } held && !held.Contains(device));

    /// <summary>Answers that a VM let go of a device, sent after a moment and given to management.</summary>
    public IReadOnlyList<VirtualMachineAnswer> LetGo(Guid vm, string host, PciAddress device, long sentAfter) =>
        [.. _letGo.GetValueOrDefault((vm, host, device), []).Where(one => one.Sent >= sentAfter).Select(one => one.Answer)];

    /// <summary>Whether an answer shows a device to be clean: reset, or never given to the domain.</summary>
    public static bool ShowsClean(VirtualMachineAnswer answer, PciAddress device) =>
        answer is StartAnswer { NotBegun: true } or PrepareForMigrationAnswer { Cleaned: [] } || answer.Cleaned.Any(cleaned => cleaned.Address == device && cleaned.Clean);

    /// <summary>The host in whose name a message speaks; null when it says none.</summary>
    public static string? GuidIn(object message) => message switch
    {
        VirtualMachineAnswer answer => answer.HostGuid,
        ShutdownCommand shutdown => shutdown.HostGuid,
        _ => HostOf(message),
    };

    private static string? HostOf(object message) => message switch
    {
        PingRoutingCommand ping => ping.HostGuid,
        StartupRoutingCommand startup => startup.Guid,
        _ => null,
    };

    private static long SessionOf(Command command) => command switch
    {
        CheckHealthCommand check => check.Session,
        VirtualMachineCommand one => one.Session,
        ResetPciDeviceCommand one => one.Session,
        ReadyCommand one => one.Session,
        _ => 0,
    };
}
