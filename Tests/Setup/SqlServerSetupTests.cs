using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.Setup;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Quartz;
using Xunit;

namespace PciBus.Tests.Setup;

/// <summary>How management is set up for SQL Server, as far as no server is asked.</summary>
public sealed class SqlServerSetupTests
{
    private const string Password = "hunter2";
    private const string Given = $"Server=db1,1433;Database=pcibus;User ID=pcibus;Password={Password}";

    [Fact]
    public void Connection_IsEncrypted_HasAName_AndIsNeverMadeAnewBehindOurBack()
    {
        var built = new SqlConnectionStringBuilder(
            DatabaseOptions.SqlServer($"{Given};MultipleActiveResultSets=true;ConnectRetryCount=3;Persist Security Info=true").ConnectionString);

        Assert.Equal(SqlConnectionEncryptOption.Mandatory, built.Encrypt);
        Assert.False(built.TrustServerCertificate);
        Assert.Equal("PciBus", built.ApplicationName);
        Assert.False(built.MultipleActiveResultSets);
        Assert.Equal(0, built.ConnectRetryCount);
        Assert.False(built.PersistSecurityInfo);
        Assert.Equal(("db1,1433", "pcibus", "pcibus", Password), (built.DataSource, built.InitialCatalog, built.UserID, built.Password));
    }

    [Fact]
    public void WhatTheOperatorSays_OfTheConnection_Stands()
    {
        var built = new SqlConnectionStringBuilder(
            DatabaseOptions.SqlServer($"{Given};Application Name=mine;Encrypt=Strict;TrustServerCertificate=true;Max Pool Size=7").ConnectionString);

        Assert.Equal(
            ("mine", SqlConnectionEncryptOption.Strict, true, 7),
            (built.ApplicationName, built.Encrypt, built.TrustServerCertificate, built.MaxPoolSize));
    }

    [Theory]
    [InlineData("Server=db1")]
    [InlineData("Database=pcibus")]
    [InlineData("Host=db1;Database=pcibus")]
    [InlineData("Server=db1;Database=pcibus;Connect Timeout=soon")]
    [InlineData("hunter2")]
    public void WhatIsNoConnectionString_IsRefused(string text) => Assert.ThrowsAny<ArgumentException>(() => DatabaseOptions.SqlServer(text));

    [Fact]
    public void ConnectionString_IsNotShown() => Assert.Equal("SqlServer", $"{DatabaseOptions.SqlServer(Given)}");

    /// <summary>Of a port on which nothing listens.</summary>
    [Fact]
    public void ServerThatDoesNotAnswer_IsToldInOneLine_WithoutThePassword()
    {
        var options = DatabaseOptions.SqlServer(
            $"Server=127.0.0.1,{FreePort.Next()};Database=pcibus;User ID=pcibus;Password={Password};Connect Timeout=2");

        var failure = Assert.Throws<SetupException>(() => DatabaseSetup.Reach(() => SchemaInstaller.Look(options)));

        Assert.DoesNotContain('\n', failure.Message);
        Assert.DoesNotContain(Password, failure.ToString(), StringComparison.Ordinal);
        if (!SqlServerCultures.AreKnown)
        {
            // As tests are run, and management is, where nobody says otherwise.
            Assert.Equal(SqlServerCultures.Missing, failure.Message);
            return;
        }

        Assert.StartsWith("SQL Server cannot be used as database.connection says: A network-related", failure.Message, StringComparison.Ordinal);
        Assert.Equal("it does not answer", DatabaseTrouble.Of(failure));
        Assert.ThrowsAny<SqlException>(() => SqlServerLock.Take(options, "pcibus schema"));
    }

    [Theory]
    [InlineData(4060, "COLLATE Latin1_General_100_BIN2, and ALTER DATABASE")]
    [InlineData(18456, "SQL Server cannot be used as database.connection says: no")]
    public void ServerThatRefuses_IsToldWithWhatToDo(int number, string told)
    {
        var failure = Assert.Throws<SetupException>(() => DatabaseSetup.Reach<int>(() => throw SqlServerFailure.Of(number)));

        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Services_AreMade_WithoutAConnection()
    {
        var database = DatabaseOptions.SqlServer(Given);
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.ConfigureContainer(new DefaultServiceProviderFactory(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true }));
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IMessageSender>(new RecordingSender());
        builder.Services.AddDatabase(database);
        builder.Services.AddCapabilities(new HostOptions(), new WorkflowOptions());
        builder.Services.AddReconciliationJobs(database, new ReconciliationOptions());
        using var host = builder.Build();
        var provider = host.Services;

        using var scope = provider.CreateScope();
        var context = scope.ServiceProvider.GetRequiredService<PciBusDbContext>();
        Assert.True(context.Database.IsSqlServer());
        Assert.IsType<SqlServerRetries>(context.Database.CreateExecutionStrategy());
        Assert.NotNull(scope.ServiceProvider.GetRequiredService<DatabaseTransactions>());
        Assert.NotNull(provider.GetRequiredService<SqlServerWatch>());
        Assert.NotNull(provider.GetRequiredService<ISchedulerFactory>());
    }

    [Theory]
    [InlineData("Server=db1,1433;Database=pcibus;User ID=pcibus;Password=hunter2", "-S db1,1433 -U pcibus -b")]
    [InlineData("Server=db1;Database=pcibus;Integrated Security=true;TrustServerCertificate=true", "-S db1 -E -C -b")]
    public void Backup_IsNamed_WithoutThePassword(string connection, string login) => Assert.Equal(
        $"sqlcmd {login} -Q \"BACKUP DATABASE [pcibus] TO DISK = N'D:\\backup\\pcibus.bak' WITH COPY_ONLY, CHECKSUM\"",
        SqlServerHowTo.BackUp(DatabaseOptions.SqlServer(connection), @"D:\backup\pcibus.bak"));

    [Fact]
    public void BackupStatement_IsTransactSql_WhateverTheNames()
    {
        var text = SqlServerHowTo.BackupStatement("pci]bus", "/backup/o'clock.bak");

        Assert.Equal("BACKUP DATABASE [pci]]bus] TO DISK = N'/backup/o''clock.bak' WITH COPY_ONLY, CHECKSUM", text);
        Assert.Single(TransactSql.Parse(text));
    }
}
