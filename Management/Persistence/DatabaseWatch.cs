using Microsoft.EntityFrameworkCore;

namespace PciBus.Management.Persistence;

/// <summary>
/// Notices a failover, or a restoration, under this process. After either, this process has to use new connections, and each new connection
/// is asked where it leads before it is used. A replica that took over may lack what was committed last.
/// </summary>
internal sealed partial class DatabaseWatch(
    IDatabaseMoveListener listener, IEnumerable<IDatabaseCache> caches, ILogger<DatabaseWatch> logger) : IDisposable
{
    private const int Rounds = 10;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Where the last connection led; null before the first.</summary>
    private string? _place;

    public void Dispose() => _turn.Dispose();

    /// <summary>Asks where a new connection leads.</summary>
    /// <param name="options">Of a context over this connection, which nothing else uses yet.</param>
    public async Task LookAsync(DbContextOptions<PciBusDbContext> options)
    {
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
                await NotifyAsync(options);
            }

            _place = place;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Another server may notice the move at the same time: the second server looks again, and finds the work done.</summary>
    private async Task NotifyAsync(DbContextOptions<PciBusDbContext> options)
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

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database is not where it was ({Before}, now {Now}): a replica took over, or it was restored. Nothing is allocated "
            + "on a host until it has announced itself")]
    private partial void LogMoved(string before, string now);
}
