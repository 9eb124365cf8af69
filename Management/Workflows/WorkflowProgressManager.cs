using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Workflows;

/// <summary>Keeps what agents say of commands that go on for a while: a hint for those who wait, by which nothing is decided.</summary>
internal sealed class WorkflowProgressManager(PciBusDbContext database)
{
    /// <summary>Writes the progress down where the command is awaited from that host in its session; any other changes nothing.</summary>
    public async Task NoteAsync(PingRoutingCommand ping, CancellationToken cancellationToken)
    {
        foreach (var one in ping.Progress)
        {
            var progress = JsonSerializer.Serialize(one);
            await database.Set<WorkflowCommand>()
                .Where(command => command.CommandId == one.CommandId && database.Set<Host>().Any(
                    host => host.Id == command.HostId && host.Guid == ping.HostGuid && host.Session == ping.Report.Session))
                .ExecuteUpdateAsync(set => set.SetProperty(command => command.Progress, progress), cancellationToken);
        }
    }

    /// <summary>What the agent last said of a command that is waited for; null for nothing.</summary>
    public static CommandProgress? Of(WorkflowCommand command)
    {
        try
        {
            return command.Progress is { } text && JsonSerializer.Deserialize<CommandProgress>(text) is { } progress
                && progress.CommandId == command.CommandId ? progress : null;
        }
        catch (JsonException)
        {
            // A server of a newer version has written a word that this version does not have.
            return null;
        }
    }
}
