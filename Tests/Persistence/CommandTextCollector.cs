using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Tests.Persistence;

/// <summary>Writes down the texts of all commands that pass.</summary>
internal sealed class CommandTextCollector : DbCommandInterceptor
{
    private readonly ConcurrentDictionary<string, byte> _texts = new();

    public IEnumerable<string> Texts => _texts.Keys;

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        _texts.TryAdd(command.CommandText, 0);
        return ValueTask.FromResult(result);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        _texts.TryAdd(command.CommandText, 0);
        return ValueTask.FromResult(result);
    }
}
