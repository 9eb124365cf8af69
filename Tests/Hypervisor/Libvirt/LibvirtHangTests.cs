using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

[Collection(LibvirtLibrary.Collection)]
public sealed class LibvirtHangTests : IDisposable
{
    private const string CallThread = "libvirt call";

    private readonly FakeTimeProvider _clock = new();
    private readonly ManualResetEventSlim _held = new();
    private readonly ManualResetEventSlim _letGo = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _letGo.Set();
        _held.Dispose();
    }

    [Fact]
    public async Task HeldCall_MissesItsDeadline_AndOtherConnectionsGoOn()
    {
        await using var hung = await OpenAsync();
        await using var other = await OpenAsync();
        var call = HoldAsync(hung, Token);
        _clock.Advance(LibvirtDeadlines.Look - TimeSpan.FromSeconds(1));
        Assert.NotEmpty(await other.ListDomainsAsync(Token));
        Assert.NotEmpty(await hung.ListDomainsAsync(Token));
        Assert.Equal((false, null), (call.IsCompleted, hung.Hung));
        _clock.Advance(TimeSpan.FromSeconds(1));

        var error = await Assert.ThrowsAsync<LibvirtException>(() => call);
        Assert.Equal((68, HypervisorException.RpcDomain, LibvirtFailure.Connection), (error.Code, error.Domain, error.Failure));
        Assert.Equal("libvirt did not answer the held call within 45 s; it may still be carried out", error.Message);
        Assert.Equal("libvirt did not answer the held call within 45 s", hung.Hung);
        var refusal = await Assert.ThrowsAsync<LibvirtException>(() => hung.DestroyAsync(Guid.Empty, Token));
        Assert.EndsWith("was not asked: libvirt did not answer the held call within 45 s", refusal.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await other.ListDomainsAsync(Token));

        // The call holds the connection open; the last one out closes it.
        await hung.DisposeAsync();
        Assert.Null(hung.ReferencesLeft);
        _letGo.Set();
        await UntilAsync(() => hung.ReferencesLeft == 0, () => $"{hung.ReferencesLeft} references");
    }

    [Fact]
    public async Task CallerThatGivesUp_LeavesTheConnectionWell()
    {
        await using var connection = await OpenAsync();
        using var giveUp = new CancellationTokenSource();
        var call = HoldAsync(connection, giveUp.Token);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Null(connection.Hung);
        Assert.NotEmpty(await connection.ListDomainsAsync(Token));
        _letGo.Set();
    }

    [Fact]
    public async Task LibvirtdThatAcceptsAndSaysNothing_IsNotWaitedForForever()
    {
        LibvirtLibrary.Require();
        await using (var libvirtd = new ScriptedLibvirtd { IsSilent = true })
        {
            var opening = LibvirtConnection.OpenAsync(libvirtd.Uri, _clock, Token);
            await libvirtd.Heard.WaitAsync(Patience.Times(TimeSpan.FromSeconds(5)), Token);
            _clock.Advance(LibvirtDeadlines.Open);

            var error = await Assert.ThrowsAsync<LibvirtException>(() => opening);
            Assert.StartsWith("libvirt did not answer virConnectOpen qemu+unix:///system", error.Message, StringComparison.Ordinal);
            Assert.Equal(1, LibvirtLibrary.CountThreads(CallThread));
            await using var other = await OpenAsync();
            Assert.NotEmpty(await other.ListDomainsAsync(Token));
        }

        await UntilAsync(() => LibvirtLibrary.CountThreads(CallThread) == 0, () => "its thread waits yet");
    }

    [Fact]
    public async Task LibvirtdThatFallsSilent_HoldsNobody_AndNothingIsLeftWhenItIsGone()
    {
        LibvirtLibrary.Require();
        LibvirtConnection hung;
        await using (var libvirtd = new ScriptedLibvirtd())
        {
            hung = await LibvirtConnection.OpenAsync(libvirtd.Uri, _clock, Token);
            libvirtd.IsSilent = true;
            var listing = hung.ListDomainsAsync(Token);
            await libvirtd.Heard.WaitAsync(Patience.Times(TimeSpan.FromSeconds(5)), Token);
            _clock.Advance(LibvirtDeadlines.Look);
            Assert.Equal(LibvirtFailure.Connection, (await Assert.ThrowsAsync<LibvirtException>(() => listing)).Failure);

            // To close it libvirtd is asked as well.
            var closing = hung.DisposeAsync().AsTask();
            _clock.Advance(LibvirtDeadlines.Close);
            await closing.WaitAsync(Patience.Times(TimeSpan.FromSeconds(5)), Token);
            Assert.Null(hung.ReferencesLeft);
        }

        await UntilAsync(() => hung.ReferencesLeft == 0, () => $"{hung.ReferencesLeft} references");
        await UntilAsync(() => LibvirtLibrary.CountThreads(CallThread) == 0, () => "a thread waits yet");
    }

    [Fact]
    public async Task LibvirtdThatEnds_IsTold_AndLeavesNothing()
    {
        LibvirtLibrary.Require();
        await using var libvirtd = new ScriptedLibvirtd();
        var connection = await LibvirtConnection.OpenAsync(libvirtd.Uri, TimeProvider.System, Token);
        libvirtd.HangUp();

        var told = await connection.Events.ReadAsync(Token).AsTask().WaitAsync(Patience.Times(TimeSpan.FromSeconds(5)), Token);
        Assert.Equal(new LibvirtEvent.ConnectionClosed(LibvirtCloseReason.EndOfFile), told);
        var refusal = await Assert.ThrowsAsync<LibvirtException>(() => connection.ListDomainsAsync(Token));
        Assert.Equal((1, HypervisorException.RpcDomain, LibvirtFailure.Connection), (refusal.Code, refusal.Domain, refusal.Failure));
        await connection.DisposeAsync();
        Assert.Equal(0, connection.ReferencesLeft);
    }

    [Fact]
    public async Task ThousandConnections_LeaveNothing()
    {
        var left = 0;
        for (var i = 0; i < 1000; i++)
        {
            var connection = await OpenAsync();
            await connection.FindDomainAsync(Guid.Empty, Token);
            await connection.DisposeAsync();
            left += connection.ReferencesLeft ?? 1;
        }

        Assert.Equal(0, left);
        Assert.Equal(1, LibvirtLibrary.CountThreads("libvirt events"));
        await UntilAsync(() => LibvirtLibrary.CountThreads(CallThread) == 0, () => $"{LibvirtLibrary.CountThreads(CallThread)} threads");
    }

    private async Task<LibvirtConnection> OpenAsync()
    {
        LibvirtLibrary.Require();
        return await LibvirtConnection.OpenAsync(LibvirtLibrary.TestDriver, _clock, Token);
    }

    /// <summary>A call that does not return before it is let go.</summary>
    private Task<bool> HoldAsync(LibvirtConnection connection, CancellationToken cancellationToken)
    {
        var call = connection.RunAsync("the held call", LibvirtDeadlines.Look, handle =>
        {
            var held = false;
            handle.DangerousAddRef(ref held);
            try
            {
                _held.Set();
                return _letGo.Wait(Patience.Times(TimeSpan.FromMinutes(1)));
            }
            finally
            {
                handle.DangerousRelease();
            }
        }, cancellationToken);
        Assert.True(_held.Wait(Patience.Times(TimeSpan.FromSeconds(5)), Token));
        return call;
    }

    private static Task UntilAsync(Func<bool> condition, Func<string> lastSeen) =>
        Patience.UntilAsync(condition, TimeSpan.FromSeconds(5), lastSeen, Token, "it is over");
}
