using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using PciBus.Contracts.Connection;
using PciBus.Management.Accounts;
using PciBus.Management.Bus;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.Setup.Embedded;

namespace PciBus.Management.Setup;

/// <summary>One management process: embedded, with the bus and simulated hosts inside it, or distributed, with a broker.</summary>
internal static partial class ManagementServer
{
    /// <summary>How long requests, jobs and commands on embedded hosts may go on when the server is asked to stop.</summary>
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(15);

    /// <summary>For parts that do not keep to <see cref="StopTime"/>, such as a job that waits for a database which is gone.</summary>
    private static readonly TimeSpan MoreTime = TimeSpan.FromSeconds(5);

    /// <summary>Runs until it is asked to stop.</summary>
    /// <exception cref="SetupException">It cannot start.</exception>
    public static async Task RunAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        var port = options.Settings.Api.IntegrationPort;
        var api = options.Settings.Api.EndPoint;
        RequireFree(new IPEndPoint(IPAddress.Loopback, port), "integration.api");
        if (api.Port == port)
        {
            throw new SetupException($"api.port and integration.api.port are both {port}: choose another with --setting api.port=PORT");
        }
        RequireFree(api, "api");
        using var folder = DataFolder.Take(options.DataFolder);
        using var loggers = LoggerFactory.Create(logging => LoggingSetup.Configure(logging, options.LogFormat, options.LogLevel));
        var logger = loggers.CreateLogger("PciBus");
        foreach (var warning in options.Settings.Warnings) LogSetting(logger, warning);
        var database = options.Settings.Database(folder.Database);
        var scripts = DatabaseSetup.Reach(() => SchemaInstaller.Upgrade(database));
        if (scripts.Count > 0) LogSchema(logger, database.Provider, string.Join(", ", scripts));
        var isNew = scripts.Count == SchemaInstaller.Scripts(database.Provider).Count;

        await using var hosts = options.Settings.Bus.Address is null ? EmbeddedHosts.Load(folder.Path, TimeProvider.System, loggers) : null;
        var cipher = new SecretCipher(SecretKeyFile.Read(folder.Path, Environment.GetEnvironmentVariable));
        var server = Build(options, database, hosts, cipher);
        try
        {
            if (await DatabaseSetup.CheckRestoredAsync(server.Services, cancellationToken) && !isNew) LogPlace(logger);
            await FirstStart.RunAsync(
                server.Services, folder.Path, logger, options.LogFormat == "plain" ? Console.Out : null, cancellationToken);
            hosts?.Use(server.Services);
            var started = TimeProvider.System.GetUtcNow() + (
                database.Provider == DatabaseProvider.Sqlite ? OutboxRelay.Lease : TimeSpan.Zero);
            await server.StartAsync(cancellationToken);
            // Only this process has the SQLite file: a process that has ended left what stands in the outbox. With a broker, which may be
            // away, the outbox is left to its leases.
            if (hosts is not null) await server.Services.GetRequiredService<OutboxRelay>().TakeOverAsync(started, cancellationToken);
            LogReady(logger, port);
            LogSigned(logger, options.Settings.Api.Tls.Certificate is null ? "http" : "https", api);
            if (options.Settings.Bus.Address is { } broker) LogBroker(logger, broker);
            else LogHosts(logger, EmbeddedHosts.FolderOf(folder.Path));
            LogTry(logger, port);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, server.Lifetime.ApplicationStopping);
            var asked = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token);
            await Task.WhenAny(asked, hosts?.Broken ?? asked);
            if (!asked.IsCompleted)
            {
                throw new SetupException("A part of a simulated host has failed, as the log says: management ends, to be started again");
            }
        }
        finally
        {
            await EndAsync(server, logger);
        }

        LogStopped(logger);
    }

    /// <summary>
    /// Ends every part of the server. A part that does not end, such as a job that waits for its database, ends with the process.
    /// </summary>
    private static async Task EndAsync(WebApplication server, ILogger logger)
    {
        try
        {
            await StopAsync().WaitAsync(StopTime + MoreTime, TimeProvider.System);
        }
        catch (Exception exception)
        {
            LogLeft(
                logger,
                exception is TimeoutException
                    ? $"{(StopTime + MoreTime).TotalSeconds:0} s are over"
                    : exception.GetBaseException().Message);
        }

        async Task StopAsync()
        {
            await server.StopAsync();
            await server.DisposeAsync();
        }
    }

    /// <summary>Looks at the port before anything runs: Kestrel comes last, when bus and hosts run already.</summary>
    /// <param name="settings">What the names of its settings begin with.</param>
    private static void RequireFree(IPEndPoint endPoint, string settings)
    {
        try
        {
            using var listener = new TcpListener(endPoint);
            listener.Start();
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new SetupException(
                $"Port {endPoint.Port} on {endPoint.Address} is taken: stop what listens there, or choose another with --setting "
                + $"{settings}.port=PORT",
                exception);
        }
        catch (SocketException exception)
        {
            throw new SetupException(
                $"Nothing can listen on {endPoint} ({exception.Message}): choose another with --setting {settings}.port=PORT or "
                + $"{settings}.address=ADDRESS",
                exception);
        }
    }

    private static WebApplication Build(ServerOptions options, DatabaseOptions database, EmbeddedHosts? hosts, SecretCipher cipher)
    {
        var builder = WebApplication.CreateSlimBuilder();
        LoggingSetup.Configure(builder.Logging, options.LogFormat, options.LogLevel);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenOnIntegrationPort(options.Settings.Api.IntegrationPort);
            kestrel.ListenOnSignedPort(options.Settings.Api.EndPoint, options.Settings.Api.Tls);
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = StopTime);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddDatabase(database);
        builder.Services.AddHostedService<OutboxRelayService>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<ReconciliationActivator>());
        builder.Services.AddCapabilities(
            options.Settings.Hosts, options.Settings.Workflows, options.Settings.Reconciliation, options.Settings.Drain);
        if (options.Settings.Bus is { Address: { } bus } settings)
        {
            builder.Services.AddRabbitMqBus(bus, (settings.RetryTimes, settings.RetryPause));
            builder.Services.AddSingleton(settings.Joining!);
            if (settings.ManagementAddress is { } api) builder.Services.AddSingleton<IBrokerUsers>(new BrokerUsers(api, bus));
        }
        else builder.Services.AddInMemoryBus(hosts!);

        builder.Services.AddReconciliationJobs(database, options.Settings.Reconciliation);
        builder.Services.AddSingleton(options.Settings.All);
        builder.Services.AddHttpApi();
        builder.Services.AddSignatures(cipher);
        builder.Services.AddHealth();
        builder.Services.AddThrottling(options.Settings.Api.ThrottlingMax, options.Settings.Api.ThrottlingInterval);
        if (hosts is not null) builder.Services.AddSingleton<IHostedService>(hosts);
        var server = builder.Build();
        server.UseRateLimiter();
        server.MapHttpApi();
        server.MapHealth();
        server.MapMetrics(options.Settings.Api.MetricsReaders);
        return server;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogSetting(ILogger logger, string warning);

    [LoggerMessage(Level = LogLevel.Information, Message = "Database on {Provider}: installed {Scripts}")]
    private static partial void LogSchema(ILogger logger, DatabaseProvider provider, string scripts);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Nothing is allocated on a host until it has announced itself: what the database says of it may be out of date")]
    private static partial void LogPlace(ILogger logger);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "The API is at http://127.0.0.1:{Port}/client/api (this machine only, no signature)")]
    private static partial void LogReady(ILogger logger, int port);

    [LoggerMessage(Level = LogLevel.Information, Message = "With API key and signature it is at {Scheme}://{Address}/client/api")]
    private static partial void LogSigned(ILogger logger, string scheme, IPEndPoint address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Agents come over the broker {Broker}")]
    private static partial void LogBroker(ILogger logger, BusAddress broker);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The simulated hosts are in {Folder}: edit an agent.properties there and see the devices follow")]
    private static partial void LogHosts(ILogger logger, string folder);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Try: curl 'http://127.0.0.1:{Port}/client/api?command=listPciDevices&response=json' (Ctrl-C stops)")]
    private static partial void LogTry(ILogger logger, int port);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A part of management has not ended ({Why}): it ends with the process. The next start, or another server, carries on "
            + "what it had begun")]
    private static partial void LogLeft(ILogger logger, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped; virtual machines and claims are kept")]
    private static partial void LogStopped(ILogger logger);
}
