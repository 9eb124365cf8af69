using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PciBus.Management.Persistence;

/// <summary>
/// Notices a failover, or a restoration, under this process: whatever it does comes over a new connection to the server, and each new
/// one is asked where it leads before anything else is. A replica that took over may lack what was committed last.
/// </summary>
internal sealed partial class PostgreSqlWatch(
    IDatabaseMoveListener listener, IEnumerable<IDatabaseCache> caches, ILogger<PostgreSqlWatch> logger) : IDisposable
{
    private const int Rounds = 10;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Where the last connection led; null before the first.</summary>
    private string? _place;

    public NpgsqlDataSource Open(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.UsePhysicalConnectionInitializer(connection => LookAsync(connection).GetAwaiter().GetResult(), LookAsync);
        return builder.Build();
    }

    public void Dispose() => _turn.Dispose();

    private async Task LookAsync(NpgsqlConnection connection)
    {
        var options = new DbContextOptionsBuilder<PciBusDbContext>().UseNpgsql(connection).Options;
        await using var database = new PciBusDbContext(options);
        var place = await DatabasePlace.OfAsync(database, CancellationToken.None);
        if (place == _place) return;
        await _turn.WaitAsync();
        try
        {
            if (_place is not null && place != _place)
            {
                LogMoved(_place, place);
                foreach (var cache in caches) cache.Forget();
                await TellAsync(options);
            }

            _place = place;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Another server may notice it at the same time: the second one looks again, and finds it done.</summary>
    private async Task TellAsync(DbContextOptions<PciBusDbContext> options)
    {
        for (var round = 1; ; round++)
        {
            try
            {
                await using var database = new PciBusDbContext(options);
                await using var transaction = await database.Database.BeginTransactionAsync();
                await listener.MovedAsync(database, CancellationToken.None);
                await transaction.CommitAsync();
                return;
            }
            catch (DbUpdateConcurrencyException) when (round < Rounds)
            {
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is not where it was ({Before}, now {Now}): a replica took over, or it was restored. Nothing is allocated on a host until it has announced itself")]
    private partial void LogMoved(string before, string now);
}
