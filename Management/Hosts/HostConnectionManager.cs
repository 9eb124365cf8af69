using PciBus.Contracts.Startup;
using PciBus.Management.Accounts;
using PciBus.Management.Events;

namespace PciBus.Management.Hosts;

/// <summary>Connects hosts whose agents announce themselves, and disconnects those whose agents say farewell or are gone.</summary>
internal sealed class HostConnectionManager(
    HostManager hosts, HostStateManager states, HostReconnectManager reconnects, EventManager events, TimeProvider time)
{
    private const int LongestDetail = 200;

    /// <summary>Begins a session of a host, which is Connecting until its report is stored.</summary>
    public async Task ConnectAsync(Host host, StartupRoutingCommand startup, CancellationToken cancellationToken)
    {
        host.Name = startup.Name;
        host.PrivateIpAddress = startup.PrivateIpAddress;
        host.Version = startup.Version;
        host.HypervisorType = startup.HypervisorType;
        host.HypervisorVersion = startup.HypervisorVersion;
        host.CpuArch = startup.CpuArch;
        host.CpuSockets = startup.CpuSockets;
        host.Cpus = startup.Cpus;
        host.Speed = startup.Speed;
        host.Ram = startup.Memory;
        host.Dom0Memory = startup.Dom0MinMemory;
        host.Capabilities = startup.Caps;
        host.HostTags = HostTags.Canonical(startup.HostTags);
        host.BootId = startup.Report.BootId;
        host.Session++;
        (host.ReportSequence, host.FarewellSequence) = (0, null);
        host.LastPing = time.GetUtcNow();
        await states.MoveAsync(host, HostEvent.AgentConnected, cancellationToken);
        await reconnects.EndAsync(host.Id, cancellationToken);
    }

    /// <summary>Disconnects a host whose agent said farewell, and says why.</summary>
    public async Task DisconnectAsync(ShutdownCommand farewell, CancellationToken cancellationToken)
    {
        var host = await hosts.FindAsync(farewell.HostGuid, cancellationToken);
        if (host is null || host.Session != farewell.Session) return;
        host.FarewellSequence = Math.Max(host.FarewellSequence ?? 0, farewell.Sequence);
        var before = host.Status;
        await states.MoveAsync(host, HostEvent.ShutdownRequested, cancellationToken);
        if (host.Status == before) return;
        var reason = farewell.Reason switch
        {
            ShutdownCommand.SigKill => "its service was stopped",
            ShutdownCommand.Update => "it is being updated",
            _ => "it does not say why",
        };
        var detail = farewell.Detail is { Length: > LongestDetail } text ? text[..LongestDetail] : farewell.Detail;
        events.Record(
            EventTypes.HostDisconnect,
            $"the agent of host {host.Name} said good-bye: {reason}{(string.IsNullOrEmpty(detail) ? "" : $" ({detail})")}",
            Caller.Admin,
            nameof(Host),
            host.Id);
    }

    /// <summary>The agent of a session has no queue any more: nothing is planned on the host until its agent speaks again.</summary>
    public async Task LoseAsync(string hostGuid, long session, CancellationToken cancellationToken)
    {
        var host = await hosts.FindAsync(hostGuid, cancellationToken);
        if (host is null || host.Session != session) return;
        await states.MoveAsync(host, HostEvent.AgentDisconnected, cancellationToken);
    }
}
