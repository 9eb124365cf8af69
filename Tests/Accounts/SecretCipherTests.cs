using System.Security.Cryptography;
using PciBus.Management.Accounts;
using Xunit;

namespace PciBus.Tests.Accounts;

public sealed class SecretCipherTests
{
    private readonly SecretCipher _cipher = new(RandomNumberGenerator.GetBytes(SecretCipher.KeyBytes));

    [Fact]
    public void What_was_sealed_opens_with_the_same_key_for_the_same_user()
    {
        var secret = _cipher.Seal("secret", 1);
        Assert.Equal("secret", _cipher.Open(secret, 1));
        Assert.Null(_cipher.Open(secret, 2));
        Assert.Null(new SecretCipher(RandomNumberGenerator.GetBytes(SecretCipher.KeyBytes)).Open(secret, 1));
    }

    [Fact]
    public void The_same_secret_never_looks_the_same() => Assert.NotEqual(_cipher.Seal("secret", 1), _cipher.Seal("secret", 1));

    [Fact]
    public void A_changed_one_does_not_open()
    {
        var bytes = Convert.FromBase64String(_cipher.Seal("secret", 1));
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.Null(_cipher.Open(Convert.ToBase64String(bytes), 1));
            bytes[i] ^= 1;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not base64")]
    public void What_was_never_sealed_does_not_open(string text) => Assert.Null(_cipher.Open(text, 1));
}
