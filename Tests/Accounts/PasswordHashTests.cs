using PciBus.Management.Accounts;
using Xunit;

namespace PciBus.Tests.Accounts;

public sealed class PasswordHashTests
{
    /// <summary>Python's hashlib made it.</summary>
    private const string Elsewhere = "pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg==$cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M=";

    [Fact]
    public void The_password_fits_and_no_other()
    {
        var hash = PasswordHash.Of("correct horse");
        Assert.True(PasswordHash.IsOf("correct horse", hash));
        Assert.False(PasswordHash.IsOf("Correct horse", hash));
        Assert.False(PasswordHash.IsOf("", hash));
        Assert.StartsWith("pbkdf2-sha256$600000$", hash, StringComparison.Ordinal);
    }

    [Fact]
    public void Salt_makes_each_hash_another() => Assert.NotEqual(PasswordHash.Of("same"), PasswordHash.Of("same"));

    [Fact]
    public void A_hash_of_fewer_iterations_can_still_be_checked() => Assert.True(PasswordHash.IsOf("correct horse", Elsewhere));

    [Theory]
    [InlineData("")]
    [InlineData("correct horse")]
    [InlineData("md5$1$MDEyMzQ1Njc4OWFiY2RlZg==$AAAA")]
    public void What_is_no_hash_fits_nothing(string kept) => Assert.False(PasswordHash.IsOf("correct horse", kept));
}
