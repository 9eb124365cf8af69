using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What is made of the errors of SQL Server, each by its number.</summary>
public sealed class SqlServerRetryTests
{
    /// <summary>Deadlock, update conflict of a snapshot, the same key twice, a reference to nothing.</summary>
    [Theory]
    [InlineData(1205)]
    [InlineData(3960)]
    [InlineData(2601)]
    [InlineData(2627)]
    [InlineData(547)]
    public void LostRace_IsLeftToWhoRunsTheWholeTransactionAgain(int number)
    {
        var failure = new DbUpdateException("no", SqlServerFailure.Of(number));

        Assert.True(LostRace.Is(failure));
        Assert.Equal(1, Attempts(failure));
    }

    /// <summary>The connection was closed; no such database now; no answer in time; the server says that it closes the connection.</summary>
    [Theory]
    [InlineData(10054)]
    [InlineData(4060)]
    [InlineData(-2)]
    [InlineData(35, 20)]
    [InlineData(0, 20)]
    public void LostConnection_IsTriedAgain(int number, byte severity = 16)
    {
        Assert.False(LostRace.Is(SqlServerFailure.Of(number, severity)));
        Assert.Equal(2, Attempts(SqlServerFailure.Of(number, severity)));
    }

    /// <summary>Text that is too long; no such table.</summary>
    [Theory]
    [InlineData(2628)]
    [InlineData(208)]
    public void Mistake_IsNotTriedAgain(int number)
    {
        Assert.False(LostRace.Is(SqlServerFailure.Of(number)));
        Assert.Equal(1, Attempts(SqlServerFailure.Of(number)));
    }

    /// <summary>How often work is run that fails the first time.</summary>
    private static int Attempts(Exception failure)
    {
        using var database = UnconnectedEngine.SqlServer.Open();
        var attempts = 0;
        var thrown = Record.Exception(() => database.Database.CreateExecutionStrategy().Execute(() =>
        {
            if (++attempts == 1) throw failure;
        }));
        Assert.Equal(attempts == 1 ? failure : null, thrown);
        return attempts;
    }
}
