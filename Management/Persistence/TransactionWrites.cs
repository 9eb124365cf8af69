using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Management.Persistence;

/// <summary>
/// Notes on a context that its transaction has written something. PostgreSQL tells that itself; SQL Server tells it only to logins that may
/// look into the state of the whole server.
/// </summary>
internal sealed class TransactionWrites : DbCommandInterceptor
{
    public override int NonQueryExecuted(DbCommand command, CommandExecutedEventData eventData, int result)
    {
        // An update that found no row has written nothing; below zero the server did not say how many there were.
        if (result != 0) Note(eventData);
        return result;
    }

    public override ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(NonQueryExecuted(command, eventData, result));

    public override DbDataReader ReaderExecuted(DbCommand command, CommandExecutedEventData eventData, DbDataReader result)
    {
        // An insert that EF saves so reads back the keys that the database gave.
        if (eventData.CommandSource == CommandSource.SaveChanges) Note(eventData);
        return result;
    }

    public override ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(ReaderExecuted(command, eventData, result));

    private static void Note(CommandExecutedEventData eventData)
    {
        if (eventData.Context is PciBusDbContext database) database.HasWritten = true;
    }
}
