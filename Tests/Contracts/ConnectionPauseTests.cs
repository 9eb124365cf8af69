using PciBus.Contracts.Connection;
using Xunit;

namespace PciBus.Tests.Contracts;

/// <summary>A broker that is away is not asked all the time.</summary>
public sealed class ConnectionPauseTests
{
    private const int Attempts = 7;
    private static readonly (TimeSpan First, TimeSpan Last) Pauses = (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10));

    [Fact]
    public async Task Pauses_GrowUpToTheLast() => Assert.Equal([0.5, 1, 2, 4, 8, 10, 10], await PausesAsync(grow: true));

    [Fact]
    public async Task Pauses_StayAsTheyAre_WhenTheyAreNotToGrow() =>
        Assert.Equal(Enumerable.Repeat(0.5, Attempts), await PausesAsync(grow: false));

    [Fact]
    public async Task WhoWaits_IsToldWhyThereIsNoConnection_AndTheNextWaitsForTheNextAttempt()
    {
        var answer = new TaskCompletionSource();
        using var keeper = new ConnectionKeeper(
            async _ =>
            {
                await answer.Task;
                throw new IOException("nobody is there");
            },
            Pauses,
            TimeProvider.System);
        var waiting = keeper.NextAsync();
        var keeping = keeper.RunAsync((_, _) => Task.CompletedTask, _ => true, TestContext.Current.CancellationToken);
        answer.SetResult();

        Assert.Equal("nobody is there", (await Assert.ThrowsAsync<IOException>(() => waiting)).Message);
        Assert.NotSame(waiting, keeper.NextAsync());
        Assert.Null(keeper.Current);
        keeper.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    [Fact]
    public async Task WhatTheFailureThrows_EndsIt()
    {
        using var keeper = new ConnectionKeeper(_ => throw new IOException("nobody is there"), Pauses, TimeProvider.System);

        await Assert.ThrowsAsync<InvalidOperationException>(() => keeper.RunAsync(
            (_, _) => Task.CompletedTask, _ => throw new InvalidOperationException(), TestContext.Current.CancellationToken));
    }

    private static async Task<List<double>> PausesAsync(bool grow)
    {
        var time = new HurriedTime();
        using var ended = new CancellationTokenSource();
        using var keeper = new ConnectionKeeper(_ => throw new IOException("nobody is there"), Pauses, time);
        var failures = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeper.RunAsync(
            (_, _) => Task.CompletedTask,
            _ =>
            {
                if (++failures > Attempts) ended.Cancel();
                return grow;
            },
            ended.Token));
        return [.. time.Asked.Select(pause => pause.TotalSeconds).Take(Attempts)];
    }

    /// <summary>A clock on which every pause is over at once.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public List<TimeSpan> Asked { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Asked.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
