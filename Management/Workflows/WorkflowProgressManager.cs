using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Workflows;

/// <summary>Keeps what agents say of commands that go on for a while. It is a hint for whoever waits: nothing is decided by it.</summary>
internal sealed class WorkflowProgressManager(PciBusDbContext database)
{
    /// <summary>Writes it down where the command is awaited from that host in its session; anything else changes nothing.</summary>
    public async Task NoteAsync(PingRoutingCommand ping, CancellationToken cancellationToken)
    {
        foreach (var one in ping.Progress)
        {
            var progress = JsonSerializer.Serialize(one);
            await database.Set<Workflow>()
                .Where(row => row.AwaitingCommandId == one.CommandId && database.Set<Host>().Any(
                    host => host.Id == row.AwaitingHostId && host.Guid == ping.HostGuid && host.Session == ping.Report.Session))
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Progress, progress), cancellationToken);
        }
    }

    /// <summary>What was last said of the command that a workflow waits for; null for nothing.</summary>
    public static CommandProgress? Of(Workflow row) =>
        row.Progress is { } text && JsonSerializer.Deserialize<CommandProgress>(text) is { } progress && progress.CommandId == row.AwaitingCommandId
            ? progress
            : null;
}
