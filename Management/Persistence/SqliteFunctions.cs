using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Management.Persistence;

/// <summary>Gives each connection to SQLite the functions that queries use and that SQLite lacks.</summary>
internal sealed class SqliteFunctions : DbConnectionInterceptor
{
    /// <summary>
    /// <see cref="CaseFolding.Folded"/>. It does not take the name of SQLite's own lower(): a connection that goes back to the pool loses
    /// the functions that it was given, and would then have no function of that name.
    /// </summary>
    public const string Folded = "folded";

    /// <summary>A connection keeps its functions, however often it is opened.</summary>
    public override DbConnection ConnectionCreated(ConnectionCreatedEventData eventData, DbConnection result)
    {
        ((SqliteConnection)result).CreateFunction<string?, string?>(
            Folded, text => text is null ? null : text.Folded(), isDeterministic: true);
        return result;
    }
}
