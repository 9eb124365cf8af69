using System.Data.Common;
using Microsoft.Data.SqlClient;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;

namespace PciBus.Tests.Persistence;

[OutOfProcess]
public sealed class SqlServerLiveRetryTests : LiveRetryTests
{
    public SqlServerLiveRetryTests() => SqlServerServer.Require();

    private protected override FormattableString Waiting =>
        $"SELECT COUNT(*) AS [Value] FROM sys.dm_tran_locks WHERE resource_database_id = DB_ID() AND request_status = 'WAIT'";

    private protected override DatabaseProvider Provider => DatabaseProvider.SqlServer;

    private protected override Exception Silence => SqlServerFailure.Of(SqlServerErrors.TimeOut);

    private protected override void Kill(DbConnection connection) =>
        SqlServerServer.Execute($"KILL {((SqlConnection)connection).ServerProcessId}");
}
