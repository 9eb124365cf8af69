using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PciBus.Contracts.Connection;
using PciBus.Contracts.Joining;
using PciBus.Management.Accounts;
using PciBus.Management.Api;
using PciBus.Management.Api.Events;
using PciBus.Management.Api.Jobs;
using PciBus.Management.Api.Joining;
using PciBus.Management.Api.PciDevices;
using PciBus.Management.Api.Signing;
using PciBus.Management.Api.VirtualMachines;

namespace PciBus.Management.Setup;

/// <summary>Registers the API and its ports.</summary>
internal static class HttpApiSetup
{
    /// <summary>CloudStack's <c>integration.api.port</c>. Default 8096.</summary>
    public const int DefaultIntegrationPort = 8096;

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Post];

    public static IServiceCollection AddHttpApi(this IServiceCollection services)
    {
        services.AddSingleton<ApiCatalog>().AddSingleton<ApiDispatcher>().AddSingleton<ApiTransactions>();
        services.AddScoped<ApiParameterBinder>();
        services.AddScoped<VirtualMachineQueries>().AddScoped<MigrationQueries>().AddScoped<PciDeviceQueries>().AddScoped<AsyncJobQueries>()
            .AddScoped<ResourceQueries>();
        services.AddScoped<UnstartedVirtualMachineManager>();
        return services;
    }

    /// <summary>
    /// Opens the integration port, on which calls are not signed and act as the administrator: on the loopback interface only, and there is
    /// no way to open it on another.
    /// </summary>
    /// <param name="port">0 lets the system choose one.</param>
    public static void ListenOnIntegrationPort(this KestrelServerOptions kestrel, int port = DefaultIntegrationPort) =>
        kestrel.Listen(IPAddress.Loopback, port, listen => listen.Use(next => connection =>
        {
            connection.Features.Set(new IntegrationPort());
            return next(connection);
        }));

    /// <summary>Opens the port of signed calls.</summary>
    /// <param name="tls">Without a certificate it is plain HTTP.</param>
    public static void ListenOnSignedPort(this KestrelServerOptions kestrel, IPEndPoint endPoint, TlsSettings tls) =>
        kestrel.Listen(endPoint, listen =>
        {
            if (tls.Certificate is { } certificate) listen.UseHttps(certificate, https => https.ServerCertificateChain = tls.Chain);
        });

    /// <summary>Registers what signed calls need besides.</summary>
    public static IServiceCollection AddSignatures(this IServiceCollection services, SecretCipher cipher)
    {
        services.AddSingleton(cipher).AddScoped<UserKeyManager>();
        services.AddSingleton<SignedDispatcher>().AddScoped<SignatureCheck>().AddSingleton<HostJoining>();
        return services;
    }

    /// <summary>
    /// On the integration port every path but those of <see cref="HealthSetup"/> is the API; on other ports the API is <c>/client/api</c>.
    /// </summary>
    public static void MapHttpApi(this WebApplication app)
    {
        app.MapWhen(
            context => context.Features.Get<IntegrationPort>() is not null && !context.Request.Path.StartsWithSegments(HealthSetup.Path),
            branch => branch.Run(context => Methods.Contains(context.Request.Method, StringComparer.Ordinal)
                ? ApiEndpoint.AnswerAdminAsync(context)
                : Results.StatusCode(StatusCodes.Status405MethodNotAllowed).ExecuteAsync(context)));
        app.MapMethods("/client/api", Methods, ApiEndpoint.AnswerSignedAsync);
        app.MapPost(HostJoinRequest.Path, JoinEndpoint.AnswerAsync);
    }
}
