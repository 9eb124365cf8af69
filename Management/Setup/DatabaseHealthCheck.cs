using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using PciBus.Management.Accounts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Setup;

/// <summary>Whether the database answers: it is asked for the row that every database has.</summary>
internal sealed class DatabaseHealthCheck(PciBusDbContext database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await database.Set<Domain>().AnyAsync(domain => domain.Id == Domain.RootId, cancellationToken)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("the database is empty");
}
