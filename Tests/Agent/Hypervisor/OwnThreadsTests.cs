using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using Xunit;

namespace PciBus.Tests.Agent.Hypervisor;

/// <summary>Calls into a hypervisor that hangs hold nobody up.</summary>
public sealed class OwnThreadsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly OwnThreads _threads;

    public OwnThreadsTests() => _threads = new OwnThreads(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_IsMadeElsewhere_AndItsEndIsTheCallers()
    {
        Assert.False(await _threads.RunAsync("a look", TimeSpan.FromSeconds(1), null, _ => Thread.CurrentThread.IsThreadPoolThread, Token));
        await Assert.ThrowsAsync<HypervisorException>(() => _threads.RunAsync<int>("a look", TimeSpan.FromSeconds(1), null, _ => throw new HypervisorException(42, 10, "gone"), Token));
    }

    [Fact]
    public async Task CallThatHangs_IsGivenUp_AndItsOutcomeIsUnknown()
    {
        using var released = new ManualResetEventSlim();
        var call = _threads.RunAsync("a look", TimeSpan.FromSeconds(45), null, _ => released.Wait(Timeout.Infinite, CancellationToken.None), Token);
        _time.Advance(TimeSpan.FromSeconds(45));

        var trouble = await Assert.ThrowsAsync<HypervisorException>(() => call);
        Assert.Equal("the hypervisor does not answer: a look was not answered within 45 s", trouble.Message);
        Assert.True(trouble.OutcomeUnknown);
        released.Set();
    }

    [Fact]
    public async Task CallsThatHang_AreLimited()
    {
        using var released = new ManualResetEventSlim();
        var calls = Enumerable.Range(0, 256)
            .Select(_ => _threads.RunAsync("a look", Timeout.InfiniteTimeSpan, null, _ => released.Wait(Timeout.Infinite, CancellationToken.None), Token)).ToList();

        var trouble = await Assert.ThrowsAsync<HypervisorException>(() => _threads.RunAsync("a start", Timeout.InfiniteTimeSpan, null, _ => 1, Token));
        Assert.Contains("256 calls wait for an answer already, a start was not begun", trouble.Message, StringComparison.Ordinal);
        released.Set();
        await Task.WhenAll(calls);
        Assert.Equal(1, await _threads.RunAsync("a start", Timeout.InfiniteTimeSpan, null, _ => 1, Token));
    }

    [Fact]
    public async Task CallGivenUp_IsTold_AndItsDomainIsBeingChangedUntilItComesBack()
    {
        using var released = new ManualResetEventSlim();
        var domain = Guid.NewGuid();
        var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var giveUp = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 2).Select(index => _threads.RunAsync(
            "a start",
            TimeSpan.FromSeconds(90),
            domain,
            abandoned =>
            {
                released.Wait(Timeout.Infinite, CancellationToken.None);
                return told.TrySetResult(abandoned.IsCancellationRequested);
            },
            index == 0 ? giveUp.Token : Token)).ToList();
        Assert.True(_threads.IsChanging(domain));
        Assert.False(_threads.IsChanging(Guid.NewGuid()));

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls[0]);
        _time.Advance(TimeSpan.FromSeconds(90));
        await Assert.ThrowsAsync<HypervisorException>(() => calls[1]);
        Assert.True(_threads.IsChanging(domain));
        released.Set();
        Assert.True(await told.Task);
        await UntilAsync(() => !_threads.IsChanging(domain));
    }

    [Fact]
    public async Task CallThatIsAnswered_ChangesNothingAnyMore()
    {
        var domain = Guid.NewGuid();

        Assert.True(await _threads.RunAsync("a start", TimeSpan.FromSeconds(1), domain, _ => _threads.IsChanging(domain), Token));
        Assert.False(_threads.IsChanging(domain));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var began = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(30), "did not come true");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }
}
