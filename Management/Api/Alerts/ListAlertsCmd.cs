using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.Alerts;

[ApiCommand("listAlerts", "Lists what an operator must look at, the newest first", Response = typeof(AlertResponse))]
internal sealed class ListAlertsCmd(PciBusDbContext database) : ApiListCommand
{
    [ApiParameter("id", "the alert", Entity = typeof(Alert))]
    public long? Id { get; set; }

    [ApiParameter("name", "alerts of this type, e.g. PciDeviceQuarantined")]
    public AlertType? Name { get; set; }

    [ApiParameter("hostid", "alerts about this host", Entity = typeof(Host))]
    public long? HostId { get; set; }

    [ApiParameter("resolved", "true: alerts that have ended; those that stand unless given")]
    public bool Resolved { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var alerts = database.Set<Alert>().AsNoTracking();
        alerts = (Id, Resolved) switch
        {
            ({ } id, _) => alerts.Where(alert => alert.Id == id),
            (_, true) => alerts.Where(alert => alert.Resolved != null),
            _ => alerts.Where(alert => alert.Resolved == null),
        };
        if (Name is { } name) alerts = alerts.Where(alert => alert.Type == name);
        if (HostId is { } hostId) alerts = alerts.Where(alert => alert.HostId == hostId);
        if (Word is { } word) alerts = alerts.Where(alert => alert.Subject.Folded().Contains(word.Folded()));
        return ListAsync(alerts.OrderByDescending(alert => alert.Id), Describe, cancellationToken);
    }

    private IQueryable<AlertResponse> Describe(IQueryable<Alert> page) =>
        from alert in page
        join place in database.Set<Host>() on alert.HostId equals place.Id into hosts
        from host in hosts.DefaultIfEmpty()
        join involved in database.Set<VirtualMachine>() on alert.VmId equals involved.Id into virtualMachines
        from vm in virtualMachines.DefaultIfEmpty()
        orderby alert.Id descending
        select new AlertResponse
        {
            Id = alert.Uuid,
            Kind = alert.Type,
            Description = alert.Subject,
            Details = alert.Body,
            HostId = host == null ? null : host.Uuid,
            HostName = host == null ? null : host.Name,
            VirtualMachineId = vm == null ? null : vm.Uuid,
            VirtualMachineName = vm == null ? null : vm.Name,
            Sent = alert.Created,
            Resolved = alert.Resolved,
        };
}
