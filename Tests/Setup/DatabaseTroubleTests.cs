using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Setup;

/// <summary>A database that cannot be used now is told as what it is, and once.</summary>
public sealed class DatabaseTroubleTests
{
    private const string Category = "PciBus.Management.Bus";

    public static IEnumerable<TheoryDataRow<string?, Exception>> Failures =>
    [
        new("its disk is full", new DbUpdateException("no", new SqliteException("database or disk is full", 13))),
        new("another program has locked it", new SqliteException("database is locked", 5)),
        new("its file cannot be used", new SqliteException("disk I/O error", 10)),
        new("its disk is full", Of("53100")),
        new("it does not answer", Of("57P01")),
        new("it takes no more connections", Of("53300")),
        new("it does not answer", new InvalidOperationException("no", new NpgsqlException("no", new SocketException()))),
        new("its disk is full", SqlServerFailure.Of(1105)),
        new("its disk is full", SqlServerFailure.Of(9002)),
        new("it may not be written", SqlServerFailure.Of(3906)),
        new("it does not answer", SqlServerFailure.Of(-2)),
        new("it does not answer", new DbUpdateException("no", SqlServerFailure.Of(10054))),
        new("it does not answer", SqlServerFailure.Of(0, severity: 20)),
        new(null, SqlServerFailure.Of(208)),
        new(null, new DbUpdateException("no", SqlServerFailure.Of(1205))),
        new(null, SqlServerFailure.Of(2601)),
        new(null, new SqliteException("constraint failed", 19)),
        new(null, Of("40001")),
        new(null, Of("23505")),
        new(null, new InvalidOperationException("a bug")),
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public void Trouble_IsTold(string? trouble, Exception exception) => Assert.Equal(trouble, DatabaseTrouble.Of(exception));

    [Fact]
    public void Log_HasItOnceAMinute_WithoutItsStack_AndEverythingElseEachTime()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        time.SetLocalTimeZone(TimeZoneInfo.Utc);
        var formatter = new PlainConsoleFormatter(time);
        var full = Failures.First().Data.Item2;

        Assert.Equal("00:00:00 ERROR Ping failed (the database cannot be used now: its disk is full)\n", Written("Ping", full));
        Assert.Equal("", Written("Ping", full));
        Assert.StartsWith("00:00:00 ERROR Job failed (the database", Written("Job", full), StringComparison.Ordinal);
        Assert.StartsWith("00:00:00 ERROR Ping failed\nSystem.FormatException: odd", Written("Ping", new FormatException("odd")), StringComparison.Ordinal);
        Assert.StartsWith("00:00:00 ERROR Ping failed\nSystem.FormatException: odd", Written("Ping", new FormatException("odd")), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith("00:01:00 ERROR Ping failed (the database", Written("Ping", full), StringComparison.Ordinal);

        string Written(string what, Exception exception)
        {
            using var text = new StringWriter();
            formatter.Write(new LogEntry<string>(LogLevel.Error, Category, new EventId(1, what), $"{what} failed", exception, (state, _) => state), null, text);
            return text.ToString();
        }
    }

    private static PostgresException Of(string state) => new("no", "ERROR", "ERROR", state);
}
