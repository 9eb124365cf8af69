using PciBus.Management.Events;

namespace PciBus.Management.Api.Alerts;

[ApiCommand("archiveAlerts", "Puts alerts aside: they stand no more, and the next of their subject is raised")]
internal sealed class ArchiveAlertsCmd(ApiTransactions transactions) : AlertChoiceCommand
{
    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var choice = Choice();
        await transactions.RunAsync<AlertArchiveManager>(alerts => alerts.ArchiveAsync(choice, cancellationToken), cancellationToken);
        return ApiAnswer.Success();
    }
}
