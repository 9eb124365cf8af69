using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Tests.Support;

/// <summary>The statements that one server executes, in their order.</summary>
internal sealed class StatementLog : DbCommandInterceptor
{
    public List<string> Texts { get; } = [];

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Texts.Add(command.CommandText.TrimStart());
        return ValueTask.FromResult(result);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Texts.Add(command.CommandText.TrimStart());
        return ValueTask.FromResult(result);
    }
}
