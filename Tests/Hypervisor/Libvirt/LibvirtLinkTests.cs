using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>A connection that is kept, to a libvirtd that hangs up, or falls silent.</summary>
[Collection(LibvirtLibrary.Collection)]
public sealed class LibvirtLinkTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ScriptedLibvirtd _libvirtd = new();
    private readonly RecordingLogger _logger = new();
    private readonly LibvirtLink _link;
    private int _reopened;

    public LibvirtLinkTests()
    {
        _link = new LibvirtLink(_libvirtd.Uri, _clock, _logger);
        _link.Reopened += () => Interlocked.Increment(ref _reopened);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        LibvirtLibrary.Require();
        await _link.OpenAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        _libvirtd.HangUp();
        await _link.DisposeAsync();
        await _libvirtd.DisposeAsync();
    }

    [Fact]
    public async Task ConnectionThatIsWell_IsKept()
    {
        var first = await _link.LookAsync(Task.FromResult, Token);

        Assert.Same(first, await _link.LookAsync(Task.FromResult, Token));
        var other = first;
        await _link.ChangeAsync(Guid.Empty, connection => Task.FromResult(other = connection), Token);
        Assert.NotSame(first, other);
        await UntilAsync(() => other.ReferencesLeft == 0);
        Assert.Equal(0, _reopened);
    }

    [Fact]
    public async Task ConnectionThatCloses_IsReplaced_WithoutACall()
    {
        var first = await _link.LookAsync(Task.FromResult, Token);
        _libvirtd.HangUp();

        await UntilAsync(() => _reopened == 1);
        Assert.NotSame(first, await _link.LookAsync(Task.FromResult, Token));
        await UntilAsync(() => first.ReferencesLeft == 0);
    }

    /// <summary>Whoever is told may fail, and cancel: the connection is replaced, and the others are told of it.</summary>
    [Fact]
    public async Task ListenerThatFails_IsLogged_AndTheListeningGoesOn()
    {
        _link.Happened += _ => throw new InvalidOperationException("nobody expected this");
        _link.Reopened += () => throw new OperationCanceledException("nor that");
        foreach (var times in (int[])[1, 2])
        {
            _libvirtd.HangUp();
            await UntilAsync(() => _reopened == times && _logger.Lines.Count == 2 * times);
        }

        Assert.All(_logger.Lines, line => Assert.Equal(LogLevel.Error, line.Level));
        Assert.StartsWith($"{_libvirtd.Uri}: the agent could not act on ConnectionClosed ", _logger.Lines[2].Text, StringComparison.Ordinal);
        Assert.Equal($"{_libvirtd.Uri}: the agent could not act on the new connection", _logger.Lines[3].Text);
    }

    [Fact]
    public async Task ConnectionThatIsNotAnswered_IsReplacedAtTheNextCall()
    {
        var first = await _link.LookAsync(Task.FromResult, Token);
        _libvirtd.IsSilent = true;
        var look = _link.LookAsync(connection => connection.ListDomainsAsync(Token), Token);
        await _libvirtd.Heard.WaitAsync(Patience.Times(TimeSpan.FromSeconds(5)), Token);
        _clock.Advance(LibvirtDeadlines.Look);
        Assert.False((await Assert.ThrowsAsync<LibvirtException>(() => look)).WasNotAsked);

        // All who come now wait for the same answer, and in the end for none.
        var waiting = new[] { _link.LookAsync(Task.FromResult, Token), _link.LookAsync(Task.FromResult, Token) };
        _clock.Advance(LibvirtDeadlines.Open);
        foreach (var call in waiting) Assert.True((await Assert.ThrowsAsync<LibvirtException>(() => call)).WasNotAsked);
        Assert.True((await Assert.ThrowsAsync<LibvirtException>(() => _link.LookAsync(Task.FromResult, Token))).WasNotAsked);
        await UntilAsync(() => _libvirtd.Callers == 2);

        _libvirtd.IsSilent = false;
        _libvirtd.HangUp();
        await UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return _reopened == 1;
        });
        Assert.NotSame(first, await _link.LookAsync(Task.FromResult, Token));
    }

    [Fact]
    public async Task LibvirtdThatIsNotThere_IsNotAsked()
    {
        await using var link = new LibvirtLink("qemu+unix:///system?socket=/nowhere/libvirt-sock&mode=legacy", _clock, _logger);

        var refusal = await Assert.ThrowsAsync<LibvirtException>(() => link.ChangeAsync(Guid.Empty, _ => Task.CompletedTask, Token));
        Assert.Equal((38, HypervisorException.RpcDomain, true), (refusal.Code, refusal.Domain, refusal.WasNotAsked));
        var same = LibvirtFailures.ToHypervisor(refusal);
        Assert.Equal((true, false), (same.WasNotAsked, same.OutcomeUnknown));
    }

    private Task UntilAsync(Func<bool> condition) =>
        Patience.UntilAsync(condition, TimeSpan.FromSeconds(10), () => $"reopened {_reopened} times", Token, "the connection is another");
}
