using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PciBus.Contracts.Connection;
using PciBus.Management.Setup;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Setup;

/// <summary>The port of signed calls with a certificate of an authority that is not the trusted one, but under it.</summary>
public sealed class TlsTests : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-tls").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null)]
    [InlineData(ServerAuthentication)]
    public async Task Certificate_IsAccepted_WhereTheRootAloneIsTrusted(string? usage)
    {
        var chain = CertificateChain.Make(_folder, "ours", usage);

        Assert.Equal("here", await CallAsync(chain, chain.Root, "localhost"));
    }

    [Fact]
    public async Task Certificate_IsRefused_WhereAnotherRootIsTrusted() =>
        await RefusedAsync(CertificateChain.Make(_folder, "ours", null), CertificateChain.Make(_folder, "another", null).Root, "localhost");

    [Fact]
    public async Task Certificate_IsRefused_ForAnotherName()
    {
        var chain = CertificateChain.Make(_folder, "ours", null);

        await RefusedAsync(chain, chain.Root, "127.0.0.1");
    }

    /// <summary>Kestrel itself serves with no such certificate; another server may.</summary>
    [Theory]
    [InlineData(ServerAuthentication, true)]
    [InlineData(ClientAuthentication, false)]
    public async Task Certificate_IsRefused_WhenItIsForClientsOnly(string usage, bool isAccepted)
    {
        var chain = CertificateChain.Make(_folder, "ours", usage);
        var theirs = TlsSettings.Read(null, chain.File, null);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var near = new TcpClient();
        await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint, None);
        using var far = await listener.AcceptTcpClientAsync(None);
        await using var server = new SslStream(far.GetStream());
        await using var client = new SslStream(near.GetStream(), false, TlsSettings.Read(chain.Root, null, null).Accepts);
        var context = SslStreamCertificateContext.Create(theirs.Certificate!, theirs.Chain, offline: true);
        var serving = server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context }, None);

        var refused = await Record.ExceptionAsync(() => client.AuthenticateAsClientAsync("localhost"));

        near.Close();
        _ = await Record.ExceptionAsync(() => serving);
        Assert.Equal(isAccepted ? null : typeof(AuthenticationException), refused?.GetType());
    }

    private static async Task RefusedAsync(CertificateChain chain, string trusted, string name)
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => CallAsync(chain, trusted, name));
        Assert.IsType<AuthenticationException>(refused.InnerException);
    }

    private static async Task<string> CallAsync(CertificateChain chain, string trusted, string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenOnSignedPort(new IPEndPoint(IPAddress.Loopback, 0), TlsSettings.Read(null, chain.File, null)));
        await using var server = builder.Build();
        server.Run(context => context.Response.WriteAsync("here", None));
        await server.StartAsync(None);

        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = TlsSettings.Read(trusted, null, null).Accepts;
        using var client = new HttpClient(handler);
        return await client.GetStringAsync(new Uri($"https://{name}:{new Uri(server.Urls.Single()).Port}/"), None);
    }
}
