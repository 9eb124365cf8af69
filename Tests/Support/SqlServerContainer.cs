using Testcontainers.MsSql;

namespace PciBus.Tests.Support;

/// <summary>SQL Server in a container, where a Docker engine answers. Who starts it accepts Microsoft's terms for it.</summary>
internal static class SqlServerContainer
{
    private static MsSqlContainer? _container;

    /// <returns>How to reach it; null when there is no Docker engine here, or it has no such image.</returns>
    public static (string? ConnectionString, string What)? TryStart()
    {
        var image = Environment.GetEnvironmentVariable("PCIBUS_TEST_SQLSERVER_IMAGE") ?? "mcr.microsoft.com/mssql/server:2022-latest";
        if (!DockerEngine.IsThere) return null;
        try
        {
            _container = new MsSqlBuilder(image).Build();
            _container.StartAsync().GetAwaiter().GetResult();
            SqlServerServer.AtExit(() => _container.DisposeAsync().AsTask().GetAwaiter().GetResult());
            return (_container.GetConnectionString(), $"a container of {image}");
        }
        catch (Exception exception)
        {
            Console.WriteLine($"No container of {image}: {exception.Message}");
            return null;
        }
    }
}
