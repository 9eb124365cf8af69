using Microsoft.EntityFrameworkCore;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts;

/// <summary>
/// One machine, one row. An announcement with the guid of one machine from another, or with a second guid from a machine that has a
/// row, begins no session: the virtual machines of the row may run there. The operator says what has changed.
/// </summary>
internal sealed class HostMachineManager(
    PciBusDbContext database,
    HostManager hosts,
    AlertManager alerts,
    EventManager events,
    Outbox outbox,
    TimeProvider time)
{
    /// <summary>
    /// A refused agent announces itself again after 80 seconds at the latest; a machine whose agent has not done so for this long is not
    /// heard any more.
    /// </summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(4);

    private const int LongestName = 100;

    private static readonly CompiledQuery<string, Host?> ByMachine = new((database, machine, _) =>
        database.Set<Host>().SingleOrDefault(host => host.Machine == machine && host.Machine != null));

    /// <summary>The host of a machine; null for none.</summary>
    public Task<Host?> FindAsync(string machine, CancellationToken cancellationToken) =>
        ByMachine.ReadAsync(database, machine, cancellationToken);

    /// <summary>
    /// Checks that an announcement comes from the machine of its host's row, and not from the machine of another row; an alert names both.
    /// </summary>
    /// <returns>Why it is refused, for its agent; null when it is not.</returns>
    public async Task<string?> WhyRefusedAsync(Host? host, StartupRoutingCommand startup, CancellationToken cancellationToken)
    {
        // An agent of an earlier version does not name its machine.
        if (startup.Machine.Length == 0 || (host is not null && host.Machine == startup.Machine)) return null;
        var owner = await FindAsync(startup.Machine, cancellationToken);
        if (host?.Machine is null && owner is null) return null;
        var who = $"{Short(startup.Name)} ({Short(startup.Guid)}{(startup.PrivateIpAddress is { } address ? $", {Short(address)}" : "")})";
        if (owner is not null)
        {
            (owner.MachineRefused, owner.UpdateCount) = (time.GetUtcNow(), owner.UpdateCount + 1);
            await alerts.SyncAsync(
                AlertType.HostMachine,
                owner.Id,
                [($"The machine of host {owner.Name} announces itself as {who}",
                    $"It is refused: the machine {Short(startup.Machine)} is {owner.Name}'s ({owner.Guid}), whose virtual machines may run "
                    + $"there. If the host was installed anew, updateHost with guid={Short(startup.Guid)} lets it go on; if it is a copy, "
                    + "machine.id in its agent.properties makes it a machine of its own.")],
                cancellationToken);
            return $"its machine is that of the host {owner.Name} ({owner.Guid})";
        }

        await alerts.SyncAsync(
            AlertType.HostMachine,
            host!.Id,
            [($"Another machine announces itself as host {host.Name}: {who}",
                $"It is refused: its machine is {Short(startup.Machine)}, and that of {host.Name} is {host.Machine}. If it replaces the "
                + $"old one, which is off for certain: declareHostDown, then updateHost with machine={Short(startup.Machine)}; else give "
                + "it a guid of its own.")],
            cancellationToken);
        return $"the guid {host.Guid} is that of the host {host.Name}, which is another machine";
    }

    /// <summary>Notes that a host has begun a session from its machine; a row without a machine takes this machine.</summary>
    public Task TakeAsync(Host host, string machine, CancellationToken cancellationToken)
    {
        if (machine.Length > 0) host.Machine ??= machine;
        host.MachineRefused = null;
        return alerts.SyncAsync(AlertType.HostMachine, host.Id, [], cancellationToken);
    }

    /// <summary>
    /// Looks whether anything is heard of a host's machine. Down is about a machine: a machine that announces itself is not off. A host
    /// that is heard under the same name or address may be the same machine, installed anew by an agent that does not name its machine.
    /// </summary>
    /// <param name="host">A host that is not heard itself.</param>
    /// <param name="forced">The operator says that a host of the same name or address is another machine.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns>Why the host cannot be taken for off; null when nothing is heard.</returns>
    public async Task<string?> WhyHeardAsync(Host host, bool forced, CancellationToken cancellationToken)
    {
        if (host.MachineRefused is { } refused && time.GetUtcNow() - refused < Silence)
        {
            return $"its machine announced itself at {refused.UtcDateTime:u}, with another guid, and was refused (alert HostMachine)";
        }

        if (forced) return null;
        var heard = database.Set<Host>().AsNoTracking().Where(other =>
            other.Id != host.Id && other.Removed == null && (other.Status == HostStatus.Up || other.Status == HostStatus.Connecting));
        var twin = await heard.FirstOrDefaultAsync(other => other.Name == host.Name, cancellationToken);
        if (twin is null && host.PrivateIpAddress is { } address)
        {
            twin = await heard.FirstOrDefaultAsync(other => other.PrivateIpAddress == address, cancellationToken);
        }

        return twin is null
            ? null
            : $"the host {twin.Name} ({twin.Guid}) has the same {(twin.Name == host.Name ? "name" : "address")} and is heard";
    }

    /// <summary>Gives a host that was installed anew its new guid: row, virtual machines, devices and claims stay.</summary>
    public async Task<Refusal?> SetGuidAsync(long hostId, string guid, Caller caller, CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.Guid == guid) return null;
        if (host.Removed is not null) return host.Gone();
        if (!HostGuid.IsAllowed(guid)) return Refusal.InvalidParameter(HostGuid.Bad(guid));
        if (host.Status is HostStatus.Up or HostStatus.Connecting)
        {
            return Refusal.InvalidParameter($"{host.Name} is {host.Status}: its agent is heard with the guid {host.Guid}; stop it first");
        }

        if (await hosts.FindAsync(guid, cancellationToken) is { } other)
        {
            var remedy = other.Status == HostStatus.Creating ? ", which has never announced itself: deleteHost takes it out" : "";
            return Refusal.InvalidParameter($"The guid {guid} is that of the host {other.Name}{remedy}");
        }

        var before = host.Guid;
        outbox.Add(EndpointNames.Agent(before), new DestinationGone());
        host.Guid = guid;
        // Messages of a deleted host with this guid may still be under way.
        host.Session = Math.Max(host.Session, await hosts.LastSessionAsync(guid, cancellationToken) ?? 0);
        // The password belongs to the user with the old guid: the agent joins again.
        host.BusPasswordHash = null;
        host.UpdateCount++;
        Record(host, $"host {host.Name} has the guid {guid} now; it was {before}", caller);
        AskToAnnounce(host);
        return null;
    }

    /// <summary>Gives a host another machine when its old machine is off for certain.</summary>
    public async Task<Refusal?> SetMachineAsync(long hostId, string machine, Caller caller, CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.Machine == machine) return null;
        if (host.Removed is not null) return host.Gone();
        if (host.Status != HostStatus.Down)
        {
            return Refusal.InvalidParameter(
                $"{host.Name} is {host.Status}; only a host that was declared down gets another machine: what the new one says proves "
                + "nothing about the old");
        }

        if (await FindAsync(machine, cancellationToken) is { } other)
        {
            return Refusal.InvalidParameter($"The machine {machine} is that of the host {other.Name}");
        }

        var before = host.Machine;
        (host.Machine, host.MachineRefused) = (machine, null);
        host.UpdateCount++;
        Record(host, $"host {host.Name} is the machine {machine} now; it was {before ?? "not known"}", caller);
        AskToAnnounce(host);
        return null;
    }

    /// <summary>Asks an agent to announce itself at once; a refused agent would do so within 80 seconds by itself.</summary>
    private void AskToAnnounce(Host host) =>
        outbox.Add(EndpointNames.Agent(host.Guid), new CheckHealthCommand { CommandId = Guid.NewGuid() });

    private static string Short(string text) => AlertManager.Printable(text, LongestName);

    private void Record(Host host, string description, Caller caller) => events.Record(
        EventTypes.HostUpdate, description, caller, nameof(Host), host.Id);
}

/// <summary>Which hosts management listens to.</summary>
internal enum HostAdmission
{
    /// <summary>
    /// Only hosts that joined with a token. Each has its own user on the broker, and what another user says for it is refused.
    /// </summary>
    Joined,

    /// <summary>Any host that announces itself, whatever its user is: everybody who reaches the broker is trusted.</summary>
    Open,
}
