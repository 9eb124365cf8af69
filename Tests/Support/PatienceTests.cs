using System.Net.Sockets;
using Xunit;

namespace PciBus.Tests.Support;

public sealed class PatienceTests
{
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitThatGivesUp_TellsHowLong_ForWhat_AndWhatWasSeenLast()
    {
        var looks = 0;

        var told = await Assert.ThrowsAsync<TimeoutException>(
            () => Patience.UntilAsync(() => ++looks < 0, Brief, () => "nothing but rain", _token, "the sun shines"));

        Assert.Matches("^Waited 0\\.\\d s for: the sun shines\nSeen last:\nnothing but rain$", told.Message);
    }

    [Fact]
    public async Task WaitThatGivesUp_TellsTheSourceText_WhenItHasNoWords()
    {
        var told = await Assert.ThrowsAsync<TimeoutException>(() => Patience.UntilAsync(() => Brief > Long, Brief, () => "", _token));

        Assert.Contains(" s for: () => Brief > Long\n", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatDoesNotAnswer_IsAskedAgain_AndAtTheEndItIsTold()
    {
        var looks = 0;
        await Patience.UntilAsync(() => ++looks < 3 ? throw new HttpRequestException("refused") : true, Long, () => "", _token);
        Assert.Equal(3, looks);

        var told = await Assert.ThrowsAsync<TimeoutException>(
            () => Patience.UntilAsync(bool () => throw new HttpRequestException("refused"), Brief, () => "", _token));
        Assert.Contains("The last look was not answered: refused", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatClosesAConnectionAtOnce_IsAskedAgain()
    {
        var looks = 0;
        await Patience.UntilAsync(
            () => ++looks < 2 ? throw new SocketException((int)SocketError.NotConnected) : true, Long, () => "", _token);
        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task OtherException_EndsTheWait() => await Assert.ThrowsAsync<InvalidOperationException>(
        () => Patience.UntilAsync(bool () => throw new InvalidOperationException("it has ended by itself"), Long, () => "", _token));

    [Fact]
    public async Task StateThatCannotBeTold_DoesNotHideTheWait()
    {
        var told = await Assert.ThrowsAsync<TimeoutException>(
            () => Patience.UntilAsync(() => Brief > Long, Brief, () => throw new InvalidOperationException("no database"), _token));

        Assert.EndsWith("Seen last:\n(nothing: no database)", told.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 4)]
    [InlineData("", 4)]
    [InlineData("1", 1)]
    [InlineData("2.5", 2.5)]
    public void Factor_IsThatOfTheVariable(string? value, double factor) => Assert.Equal(factor, Patience.ReadFactor(value));

    [Theory]
    [InlineData("much")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("NaN")]
    public void Factor_ThatIsNone_IsRefused(string value) => Assert.Throws<InvalidOperationException>(() => Patience.ReadFactor(value));

    [Fact]
    public void LastLines_AreFortyAtMost()
    {
        Assert.Equal("a\nb", Patience.LastLines("a\nb\n"));
        var lines = Enumerable.Range(1, 100).Select(line => $"{line}").ToList();
        Assert.Equal(lines[^40..], Patience.LastLines(string.Join('\n', lines)).Split('\n'));
    }
}
