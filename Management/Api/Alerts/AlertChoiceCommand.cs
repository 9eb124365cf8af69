using PciBus.Management.Events;

namespace PciBus.Management.Api.Alerts;

/// <summary>A command about alerts, which are named by their ids, their type or the time at which they were raised.</summary>
internal abstract class AlertChoiceCommand : ApiCommand
{
    [ApiParameter("ids", "the alerts, comma-separated; ids, type or enddate is needed", Entity = typeof(Alert))]
    public IReadOnlyList<long>? Ids { get; set; }

    [ApiParameter("type", "alerts of this type: its name or its number")]
    public string? Type { get; set; }

    [ApiParameter("startdate", "alerts raised then or later; needs enddate")]
    public DateTimeOffset? StartDate { get; set; }

    [ApiParameter("enddate", "alerts raised then or earlier: a day or whatever it names is included to its end", IsEnd = true)]
    public DateTimeOffset? EndDate { get; set; }

    /// <summary>The alerts that are meant.</summary>
    /// <exception cref="ApiException">They are not named.</exception>
    protected AlertChoice Choice()
    {
        if (StartDate is not null && EndDate is null)
        {
            throw ApiException.InvalidParameter("enddate must be specified with startdate parameter");
        }
        if (Ids is null && Type is null && EndDate is null)
        {
            throw ApiException.InvalidParameter("either ids, type or enddate must be specified");
        }
        return new AlertChoice(Ids, Type is null ? null : AlertResponse.TypeOf(Type), StartDate, EndDate);
    }
}

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
