using PciBus.Management.Events;

namespace PciBus.Management.Api.Alerts;

[ApiCommand("deleteAlerts", "Deletes alerts, whether they stand or not; the next of their subject is raised")]
internal sealed class DeleteAlertsCmd(ApiTransactions transactions) : AlertChoiceCommand
{
    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var choice = Choice();
        await transactions.RunAsync<AlertArchiveManager>(alerts => alerts.DeleteAsync(choice, cancellationToken), cancellationToken);
        return ApiAnswer.Success();
    }
}
